import { beforeEach, expect, test } from 'vitest';
import type { OwnDevices } from '../../src/call/own_devices.ts';
import { Preview } from '../../src/ui/lobby/preview.ts';
import { devicesOf, FakeDevices, FakeStream, settle } from '../call/fake_devices.ts';

let devices: FakeDevices;
let own: OwnDevices;
let preview: Preview;

beforeEach(() => {
  Object.assign(globalThis, { MediaStream: FakeStream });
  devices = new FakeDevices();
  own = devicesOf(devices);
  preview = new Preview(own);
});

test('both are opened with one question, and named', async () => {
  await preview.start();
  expect(devices.asked).toEqual(['audio+video']);
  expect([preview.mic.value, preview.camera.value, preview.trouble.value]).toEqual([true, true, null]);
  await settle();
  expect(own.microphones.value.map(({ label }) => label)).toEqual(['Mic']);
  expect([own.micId.value, own.cameraId.value]).toEqual(['mic-1', 'camera-1']);
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
  preview = new Preview(devicesOf(devices));
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
  preview = new Preview(devicesOf(undefined));
  await preview.start();
  await preview.setCamera(true);
  expect([preview.mic.value, preview.camera.value, devices.asked]).toEqual([false, false, []]);
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
  own.choose('camera', 'camera-2');
  await settle();
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

test('a microphone chosen while it is closed is the one that is opened then', async () => {
  await preview.start();
  await preview.setMic(false);
  own.choose('mic', 'mic-2');
  await settle();
  expect(devices.made[0]?.stopped).toBe(true);
  await preview.setMic(true);
  expect(preview.stream.value?.getAudioTracks()[0]?.getSettings().deviceId).toBe('mic-2');
});

test('another size is asked of the camera that is open, and of the next one', async () => {
  await preview.start();
  own.setResolution(180);
  await settle();
  expect(devices.made[1]?.applied).toEqual([expect.objectContaining({ height: { ideal: 180 } })]);
  expect(devices.asked).toHaveLength(1);
});

test('a background that cannot be hidden leaves no picture, and is named', async () => {
  const failing = async () => Promise.reject(new Error('no WebGL'));
  own = devicesOf(devices, { make: { withoutNoise: failing, withBackground: failing, onTouch() {} } });
  preview = new Preview(own);
  await preview.start();
  await own.setBackground('blur');
  await settle();
  expect(devices.made[1]?.stopped).toBe(true);
  expect([preview.mic.value, preview.camera.value]).toEqual([true, false]);
  expect(preview.trouble.value).toEqual({ fault: 'background', kind: 'camera' });
});
