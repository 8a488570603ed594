import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { chooseCodec, unplayable } from '../../src/call/codecs.ts';
import { People } from '../../src/call/people.ts';

const h264 = (mode: number, profile: string) => ({
  mimeType: 'video/H264',
  sdpFmtpLine: `level-asymmetry-allowed=1;packetization-mode=${mode};profile-level-id=${profile}`,
});
const plain = ['video/VP8', 'video/VP9', 'video/rtx'].map((mimeType) => ({ mimeType }));
const vp9TenBit = { mimeType: 'video/VP9', sdpFmtpLine: 'profile-id=2' };

/** As in Chromium, but without AV1. */
const chromium = [...plain, vp9TenBit, h264(1, '42001f'), h264(0, '42e01f'), h264(1, '42e01f'), h264(1, '4d001f')];
/** As in Firefox without its plugin. */
const firefox = [...plain, { mimeType: 'video/AV1', sdpFmtpLine: 'profile=0' }];

function browser(codecs: object[]): void {
  const getCapabilities = () => ({ codecs });
  vi.stubGlobal('RTCRtpSender', { getCapabilities });
  vi.stubGlobal('RTCRtpReceiver', { getCapabilities });
}

beforeEach(() => browser(chromium));
afterEach(() => {
  vi.unstubAllGlobals();
});

describe('codecs', () => {
  test('of H.264 constrained baseline in fragments, and retransmission', () => {
    expect(chooseCodec('video', 'h264')).toEqual({
      codec: 'h264',
      preferences: [h264(1, '42e01f'), { mimeType: 'video/rtx' }],
    });
  });

  test('VP9 of 8 bits', () => {
    expect(chooseCodec('video', 'vp9').preferences).toEqual([{ mimeType: 'video/VP9' }, { mimeType: 'video/rtx' }]);
  });

  test('a browser that cannot encode what was asked for sends VP8', () => {
    expect(chooseCodec('video', 'av1').codec).toBe('vp8');
    browser(firefox);
    expect(chooseCodec('video', 'h264').codec).toBe('vp8');
    expect(chooseCodec('video', 'av1').codec).toBe('av1');
  });

  test('what a browser does not play, the tile says', () => {
    expect(unplayable()).toEqual(['av1']);
    browser(firefox);
    expect(unplayable()).toEqual(['h264']);
    const ada = { user: '@a:x', device: 'AAAAAAAAAA', join_id: 'a' };
    const people = new People(unplayable());
    people.join(ada);
    const received = { mid: '0', from: ada, source: 'camera', stream: {} as MediaStream } as const;
    people.receive([{ ...received, codec: 'h264' }]);
    expect(people.tiles()[0]?.unplayable).toBe('h264');
    people.receive([{ ...received, codec: 'vp8' }]);
    expect(people.tiles()[0]?.unplayable).toBeNull();
    people.receive([]);
    expect(people.tiles()[0]?.unplayable).toBeNull();
  });
});
