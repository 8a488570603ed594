import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NoTransformError, Publisher } from '../../src/call/publish.ts';
import type { VideoCodec } from '../../src/call/view.ts';
import type { Publication } from '../../src/wire.ts';
import { FakeConnection, fakeEngine } from './fake_connection.ts';

const track = (kind: 'audio' | 'video', id: string, width = 320, height = 180) =>
  ({ kind, id, getSettings: () => ({ width, height }) }) as unknown as MediaStreamTrack;
const mic = track('audio', 'mic');
const camera = track('video', 'camera');

const video = ['video/VP8', 'video/VP9', 'video/rtx', 'video/H264'].map((mimeType) => ({ mimeType }));
const vp9TenBit = { mimeType: 'video/VP9', sdpFmtpLine: 'profile-id=2' };
const audio = ['audio/opus', 'audio/red', 'audio/G722'].map((mimeType) => ({ mimeType }));

beforeEach(() => {
  const getCapabilities = (kind: string) => ({ codecs: kind === 'audio' ? audio : [...video, vp9TenBit] });
  vi.stubGlobal('RTCRtpSender', { getCapabilities });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function bench(codec: VideoCodec = 'vp8', refuse = () => false) {
  const connection = new FakeConnection();
  const published: Publication[][] = [];
  const publisher = new Publisher({
    connect: () => connection.asConnection(),
    engine: fakeEngine(connection.log, refuse),
    api: 'script',
    codec,
    exchange: async (_sdp, tracks) => {
      published.push(tracks);
      return 'theirs';
    },
  });
  return { connection, publisher, published };
}

describe('publishing', () => {
  test('a transform stands before any offer is made', async () => {
    const { connection, publisher } = bench();
    await publisher.send('camera', camera);
    expect(connection.log).toEqual(['add camera', 'seal camera vp8', 'offer', 'remote answer theirs']);
  });

  test('what starts together is one exchange', async () => {
    const { connection, publisher, published } = bench();
    await Promise.all([publisher.send('mic', mic), publisher.send('camera', camera)]);
    expect(connection.log.filter((line) => line === 'offer').length).toBe(1);
    expect(published).toEqual([
      [
        { mid: '0', source: 'mic', codec: 'opus' },
        { mid: '1', source: 'camera', codec: 'vp8' },
      ],
    ]);
  });

  test('without a transform nothing is offered', async () => {
    const { connection, publisher, published } = bench('vp8', () => true);
    await expect(publisher.send('camera', camera)).rejects.toBeInstanceOf(NoTransformError);
    expect(connection.log).toEqual(['add camera', 'camera stop']);
    expect(published).toEqual([]);
  });

  test('one codec each: Opus without RED, the wanted video codec of 8 bits, retransmission', async () => {
    const { connection, publisher } = bench('vp9');
    await publisher.send('mic', mic);
    await publisher.send('camera', camera);
    expect(connection.transceivers.map((t) => t.preferences)).toEqual([['audio/opus'], ['video/VP9', 'video/rtx']]);
  });

  test('a codec that the browser cannot encode becomes VP8, and is announced as such', async () => {
    const { connection, publisher, published } = bench('av1');
    await publisher.send('camera', camera);
    expect(connection.transceivers[0]?.preferences).toEqual(['video/VP8', 'video/rtx']);
    expect(connection.log).toContain('seal camera vp8');
    expect(published[0]?.[0]?.codec).toBe('vp8');
  });

  test('mute takes the track off, and unmute puts another on, without an offer', async () => {
    const { connection, publisher } = bench();
    await publisher.send('camera', camera);
    connection.log.length = 0;
    await publisher.mute('camera');
    await publisher.send('camera', track('video', 'camera again'));
    expect(connection.log).toEqual(['camera replace nothing', 'camera replace track']);
  });

  test('a screen that ends gives its m-line up; the next has a transform of its own', async () => {
    const { connection, publisher, published } = bench();
    await publisher.send('screen', track('video', 'screen'));
    await publisher.end('screen', 'screen_audio');
    expect(published.at(-1)).toEqual([]);
    connection.log.length = 0;
    await publisher.send('screen', track('video', 'other'));
    expect(connection.log.slice(0, 2)).toEqual(['add other', 'seal screen vp8']);
  });

  test('detachAll empties every sender at once', async () => {
    const { connection, publisher } = bench();
    await Promise.all([publisher.send('mic', mic), publisher.send('camera', camera)]);
    publisher.detachAll();
    expect(connection.transceivers.map((t) => t.sender.track)).toEqual([null, null]);
  });

  test('what somebody here cannot play is sent as VP8 from then on; what they can, as before', async () => {
    const { connection, publisher, published } = bench('vp9');
    await Promise.all([publisher.send('mic', mic), publisher.send('camera', camera)]);
    await publisher.avoid(['h264']);
    expect(published).toHaveLength(1);
    await publisher.avoid(['vp8', 'vp9']);
    expect(published.at(-1)).toMatchObject([
      { mid: '0', source: 'mic', codec: 'opus' },
      { source: 'camera', codec: 'vp8' },
    ]);
    const changed = connection.log.slice(connection.log.indexOf('camera stop'));
    expect(changed.slice(0, 4)).toEqual(['camera stop', 'add camera', 'seal camera vp8', 'offer']);
    await publisher.end('camera');
    await publisher.send('camera', camera);
    expect(published.at(-1)?.at(-1)?.codec).toBe('vp8');
    await publisher.avoid(['vp9', 'vp8']);
    expect(published).toHaveLength(4);
  });

  describe('in several sizes', () => {
    const hd = (id = 'hd') => track('video', id, 1280, 720);
    const active = ({ connection }: ReturnType<typeof bench>) =>
      connection.transceivers[0]?.encodings.map((e) => e.active);
    const settle = () => new Promise((resolve) => setTimeout(resolve));

    test('they are announced as they are, under one transform', async () => {
      const { connection, publisher, published } = bench();
      await publisher.send('camera', hd());
      const sizes = [
        { rid: 'q', width: 320, height: 180 },
        { rid: 'h', width: 640, height: 360 },
        { rid: 'f', width: 1280, height: 720 },
      ];
      expect(published[0]?.[0]?.layers).toEqual(sizes);
      expect(connection.log.filter((line) => line.startsWith('seal'))).toEqual(['seal camera vp8']);
    });

    test.each(['refused', 'unheard of'] as const)('modes that are %s leave one', async (modes) => {
      const { connection, publisher, published } = bench('vp9');
      connection.modes = modes;
      await publisher.send('camera', hd());
      expect(published).toEqual([[{ mid: '0', source: 'camera', codec: 'vp9' }]]);
      publisher.wanted([{ mid: '0', layers: 1 }]);
      await settle();
      expect(connection.transceivers[0]?.encodings[0]).toMatchObject({ active: true });
    });

    test('what is not wanted is not encoded, and is again when it is', async () => {
      const b = bench();
      await b.publisher.send('camera', hd());
      await settle();
      expect(active(b)).toEqual([true, true, true]);
      b.publisher.wanted([{ mid: '7', layers: 0 }]);
      b.publisher.wanted([{ mid: '0', layers: 0 }]);
      await settle();
      expect(active(b)).toEqual([false, false, false]);
      b.publisher.wanted([{ mid: '0', layers: 2 }]);
      await settle();
      expect(active(b)).toEqual([true, true, false]);
    });

    test('one after the other where two wishes come close together', async () => {
      const b = bench();
      await b.publisher.send('camera', hd());
      for (const layers of [0, 3, 1]) b.publisher.wanted([{ mid: '0', layers }]);
      await settle();
      expect(active(b)).toEqual([true, false, false]);
    });

    test('a layered stream keeps its sizes while upper layers are left out', async () => {
      const { connection, publisher, published } = bench('vp9');
      await publisher.send('camera', hd());
      publisher.wanted([{ mid: '0', layers: 1 }]);
      await settle();
      expect(connection.transceivers[0]?.encodings[0]).toMatchObject({
        scalabilityMode: 'L1T3',
        scaleResolutionDownBy: 4,
      });
      await publisher.send('mic', mic);
      const sizes = [
        { width: 320, height: 180 },
        { width: 640, height: 360 },
        { width: 1280, height: 720 },
      ];
      expect(published.map((tracks) => tracks[0]?.layers)).toEqual([sizes, sizes]);
    });

    test('another camera is told with its sizes; one of another number of sizes has its own m-line', async () => {
      const { connection, publisher, published } = bench();
      await publisher.send('camera', hd());
      await publisher.send('camera', track('video', 'wide', 1920, 1080));
      expect(published.at(-1)?.[0]).toMatchObject({
        mid: '0',
        layers: [{ width: 480 }, { width: 960 }, { width: 1920 }],
      });
      connection.log.length = 0;
      await publisher.send('camera', camera);
      expect(connection.log).toEqual(['hd stop', 'add camera', 'seal camera vp8', 'offer', 'remote answer theirs']);
      expect(published.at(-1)).toEqual([{ mid: '1', source: 'camera', codec: 'vp8' }]);
    });

    test('a picture that is turned is told, soon', async () => {
      vi.useFakeTimers();
      const { publisher, published } = bench();
      const settings = { width: 1280, height: 720 };
      const turning = { kind: 'video', id: 'phone', getSettings: () => settings } as unknown as MediaStreamTrack;
      await publisher.send('camera', turning);
      [settings.width, settings.height] = [720, 1280];
      await vi.advanceTimersByTimeAsync(2000);
      expect(published.at(-1)?.[0]?.layers?.at(-1)).toEqual({ rid: 'f', width: 720, height: 1280 });
      await vi.advanceTimersByTimeAsync(10_000);
      expect(published.length).toBe(2);
      publisher.close();
      vi.useRealTimers();
    });
  });
});
