import { afterEach, describe, expect, test, vi } from 'vitest';
import { OwnMedia } from '../../src/call/own_media.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A browser that asks the person: the devices come when `allow` is called. */
function asking() {
  const opened: { kind: string; stopped: boolean }[] = [];
  const waiting: (() => void)[] = [];
  const device = (kind: 'audio' | 'video') => {
    const state = { kind, stopped: false };
    opened.push(state);
    const stop = () => {
      state.stopped = true;
    };
    return { kind, stop, readyState: 'live', onended: null };
  };
  const ask = (kinds: ('audio' | 'video')[]) =>
    new Promise((resolve) => {
      waiting.push(() => {
        const tracks = kinds.map(device);
        const ofKind = (kind: string) => tracks.filter((t) => t.kind === kind);
        resolve({
          getTracks: () => tracks,
          getVideoTracks: () => ofKind('video'),
          getAudioTracks: () => ofKind('audio'),
        });
      });
    });
  vi.stubGlobal('navigator', {
    mediaDevices: {
      getUserMedia: ({ audio }: MediaStreamConstraints) => ask([audio ? 'audio' : 'video']),
      getDisplayMedia: () => ask(['video', 'audio']),
    },
  });
  vi.stubGlobal('MediaStream', class {});
  const allow = () => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  return { opened, allow };
}

const media = () => new OwnMedia({ changed() {}, problem() {}, noTransform() {} });

describe('a device that is allowed only after one has left', () => {
  test.each(['camera', 'microphone', 'screen'] as const)('%s is switched off at once', async (which) => {
    const { opened, allow } = asking();
    const own = media();
    const press = { camera: own.setCamera, microphone: own.setMicrophone, screen: own.setScreen }[which];
    const pressed = press.call(own, true);
    await Promise.resolve();
    own.stop();
    allow();
    await pressed;
    expect(opened.length).toBeGreaterThan(0);
    expect(opened.every(({ stopped }) => stopped)).toBe(true);
    expect([own.mic.value, own.camera.value, own.screen.value]).toEqual([false, false, false]);
  });

  test('without leaving it stays on', async () => {
    const { opened, allow } = asking();
    const own = media();
    const pressed = own.setCamera(true);
    await Promise.resolve();
    allow();
    await pressed;
    expect(opened).toEqual([{ kind: 'video', stopped: false }]);
    expect(own.camera.value).toBe(true);
  });
});
