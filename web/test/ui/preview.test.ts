import { beforeEach, expect, test } from 'vitest';
import { Preview } from '../../src/ui/lobby/preview.ts';

class FakeTrack extends EventTarget {
  enabled = true;
  stopped = false;
  constructor(
    readonly kind: 'audio' | 'video',
    readonly deviceId: string,
  ) {
    super();
  }
  stop() {
    this.stopped = true;
  }
  getSettings() {
    return { deviceId: this.deviceId };
  }
}

class FakeStream {
  constructor(readonly tracks: FakeTrack[]) {}
  getTracks() {
    return this.tracks;
  }
  getAudioTracks() {
    return this.tracks.filter((track) => track.kind === 'audio');
  }
  getVideoTracks() {
    return this.tracks.filter((track) => track.kind === 'video');
  }
}

/** Devices that are there, or why they are not. */
class FakeDevices extends EventTarget {
  audio: true | string = true;
  video: true | string = true;
  asked: string[] = [];
  made: FakeTrack[] = [];

  async getUserMedia({ audio, video }: MediaStreamConstraints): Promise<FakeStream> {
    this.asked.push([audio && 'audio', video && 'video'].filter(Boolean).join('+'));
    for (const [wanted, there] of [[audio, this.audio] as const, [video, this.video] as const]) {
      if (wanted && there !== true) throw new DOMException('no', there);
    }
    const tracks = [];
    if (audio) tracks.push(new FakeTrack('audio', idOf(audio) ?? 'mic-1'));
    if (video) tracks.push(new FakeTrack('video', idOf(video) ?? 'camera-1'));
    this.made.push(...tracks);
    return new FakeStream(tracks);
  }

  async enumerateDevices() {
    return [
      { kind: 'audioinput', deviceId: 'mic-1', label: 'Mic' },
      { kind: 'videoinput', deviceId: 'camera-1', label: 'Camera' },
      { kind: 'audiooutput', deviceId: 'speaker-1', label: 'Speaker' },
    ];
  }
}

function idOf(constraints: true | MediaTrackConstraints): string | undefined {
  if (constraints === true) return undefined;
  return (constraints.deviceId as { ideal?: string } | undefined)?.ideal;
}

Object.assign(globalThis, { MediaStream: FakeStream });
let devices: FakeDevices;
let preview: Preview;

beforeEach(() => {
  devices = new FakeDevices();
  preview = new Preview(devices as unknown as MediaDevices);
});

test('both are opened with one question, and named', async () => {
  await preview.start();
  expect(devices.asked).toEqual(['audio+video']);
  expect([preview.mic.value, preview.camera.value, preview.trouble.value]).toEqual([true, true, null]);
  expect(preview.microphones.value.map(({ label }) => label)).toEqual(['Mic']);
  expect([preview.micId.value, preview.cameraId.value]).toEqual(['mic-1', 'camera-1']);
});

test('a refusal is not asked about again', async () => {
  devices.audio = 'NotAllowedError';
  await preview.start();
  expect(devices.asked).toEqual(['audio+video']);
  expect(preview.trouble.value).toEqual({ fault: 'denied', kind: 'both' });
  expect([preview.mic.value, preview.camera.value]).toEqual([false, false]);
});

test('without a camera there is still a microphone, and the reverse', async () => {
  devices.video = 'NotFoundError';
  await preview.start();
  expect([preview.mic.value, preview.camera.value]).toEqual([true, false]);
  expect(preview.trouble.value).toEqual({ fault: 'missing', kind: 'camera' });

  devices.video = true;
  devices.audio = 'NotReadableError';
  preview = new Preview(devices as unknown as MediaDevices);
  await preview.start();
  expect([preview.mic.value, preview.camera.value]).toEqual([false, true]);
  expect(preview.trouble.value).toEqual({ fault: 'busy', kind: 'mic' });
});

test('with neither, both are named', async () => {
  devices.audio = devices.video = 'NotFoundError';
  await preview.start();
  expect(preview.trouble.value).toEqual({ fault: 'missing', kind: 'both' });
  expect(preview.take()).toBeUndefined();
});

test('without a secure context nothing is asked', async () => {
  preview = new Preview(undefined);
  await preview.start();
  await preview.setCamera(true);
  expect([preview.mic.value, preview.camera.value, preview.trouble.value]).toEqual([false, false, null]);
});

test('camera off puts its light out, microphone off only closes it', async () => {
  await preview.start();
  const [audio, video] = devices.made;
  await preview.setCamera(false);
  await preview.setMic(false);
  expect([video?.stopped, audio?.stopped, audio?.enabled]).toEqual([true, false, false]);
  await preview.setMic(true);
  expect([preview.mic.value, audio?.enabled]).toEqual([true, true]);
});

test('another device takes the place of the one before', async () => {
  await preview.start();
  const [, before] = devices.made;
  await preview.choose('camera', 'camera-2');
  expect(before?.stopped).toBe(true);
  expect(preview.stream.value?.getTracks()).toHaveLength(2);
  expect(preview.stream.value?.getVideoTracks()[0]?.getSettings().deviceId).toBe('camera-2');
});

test('what the call took over is not stopped when the lobby goes', async () => {
  await preview.start();
  expect(preview.take()?.getTracks()).toHaveLength(2);
  preview.close();
  expect(devices.made.map(({ stopped }) => stopped)).toEqual([false, false]);
});

test('a camera that opens after joining is stopped, not left burning', async () => {
  await preview.start();
  await preview.setCamera(false);
  const late = preview.setCamera(true);
  preview.take();
  await late;
  expect(devices.made.at(-1)?.stopped).toBe(true);
  expect(preview.camera.value).toBe(false);
});

test('a lobby left without joining stops everything, also what opens late', async () => {
  await preview.start();
  const late = preview.setCamera(true);
  preview.close();
  await late;
  expect(devices.made.map(({ stopped }) => stopped)).toEqual([true, true, true]);
});

test('an unplugged camera is off and said to be gone', async () => {
  await preview.start();
  devices.made[1]?.dispatchEvent(new Event('ended'));
  expect([preview.mic.value, preview.camera.value]).toEqual([true, false]);
  expect(preview.trouble.value).toEqual({ fault: 'missing', kind: 'camera' });
});
