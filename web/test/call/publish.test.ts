import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NoTransformError, Publisher } from '../../src/call/publish.ts';
import type { VideoCodec } from '../../src/call/view.ts';
import type { Publication } from '../../src/wire.ts';
import { FakeConnection, fakeEngine } from './fake_connection.ts';

const track = (kind: 'audio' | 'video', id: string) => ({ kind, id }) as unknown as MediaStreamTrack;
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
});
