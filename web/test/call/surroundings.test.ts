// What the page looks at before a call, and what a tab remembers over a reload.
import { describe, expect, test } from 'vitest';
import { obstacle, type Surroundings, transformAPI } from '../../src/call/capabilities.ts';
import { deviceProblem } from '../../src/call/devices.ts';
import { storedSecret, storeParticipation, storeSecret, takeParticipation } from '../../src/call/stored.ts';
import { FakeStorage } from './fake_storage.ts';

const streamsSender = { prototype: { createEncodedStreams() {} } };
const complete: Surroundings = {
  isSecureContext: true,
  RTCPeerConnection: {},
  RTCRtpScriptTransform: {},
  RTCRtpSender: { prototype: {} },
  Worker: {},
  WebAssembly: {},
};

describe('a browser', () => {
  test('that has everything may join', () => {
    expect(obstacle(complete)).toBeNull();
  });

  test.each<[string, Partial<Surroundings>]>([
    ['insecure_context', { isSecureContext: false }],
    ['no_webrtc', { RTCPeerConnection: undefined }],
    ['engine_failed', { WebAssembly: undefined }],
    ['no_transform', { RTCRtpScriptTransform: undefined }],
  ])('that lacks something is told what: %s', (code, change) => {
    const problem = obstacle({ ...complete, ...change });
    expect(problem?.code).toBe(code);
    expect(problem?.hint).toBeTruthy();
  });

  test.each<[string, Partial<Surroundings>, string | null, string | null]>([
    ['both', { RTCRtpSender: streamsSender }, null, 'script'],
    ['both, streams wanted', { RTCRtpSender: streamsSender }, 'streams', 'streams'],
    ['only streams', { RTCRtpScriptTransform: undefined, RTCRtpSender: streamsSender }, null, 'streams'],
    ['only script, streams wanted', {}, 'streams', 'script'],
    ['neither', { RTCRtpScriptTransform: undefined }, null, null],
  ])('with %s uses what it has', (_, change, wanted, api) => {
    expect(transformAPI({ ...complete, ...change }, wanted)).toBe(api);
  });
});

test.each([
  ['mic', 'NotAllowedError', 'mic_denied'],
  ['camera', 'NotFoundError', 'camera_missing'],
  ['camera', 'OverconstrainedError', 'camera_missing'],
  ['mic', 'NotReadableError', 'mic_busy'],
  ['camera', 'AbortError', 'camera_busy'],
  ['screen', 'NotAllowedError', 'share_denied'],
] as const)('%s, %s: %s, with a hint', (kind, name, code) => {
  const problem = deviceProblem(kind, new DOMException('', name));
  expect(problem.code).toBe(code);
  expect(problem.hint).toBeTruthy();
});

test('a tab takes its participation once; the sealed secret stays, each room has its own', () => {
  const storage = new FakeStorage();
  const participation = { name: 'Ada', mic: true, camera: false, replaces: 'token', hand: 0 };
  storeSecret(storage, 'blue', 'sealed');
  storeParticipation(storage, 'blue', participation);
  expect(takeParticipation(storage, 'green')).toBeNull();
  expect(takeParticipation(storage, 'blue')).toEqual(participation);
  expect(takeParticipation(storage, 'blue')).toBeNull();
  expect(storedSecret(storage, 'blue')).toBe('sealed');
  expect(storedSecret(storage, 'green')).toBeNull();
});
