import { describe, expect, test } from 'vitest';
import { askingAgain, encoded, offered, withOpus } from '../../src/call/opus.ts';

// Chromium writes a=mid before, Firefox after the formats.
const chromium = 'a=mid:0\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n';
const firefox =
  'a=fmtp:109 maxplaybackrate=48000\r\na=fmtp:101 0-15\r\na=mid:1\r\na=rtpmap:109 OPUS/48000/2\r\na=rtpmap:101 telephone-event/8000\r\n';
const bare = 'a=mid:2\r\na=rtpmap:111 opus/48000/2\r\n';
const video = 'a=mid:3\r\na=rtpmap:96 VP8/90000\r\na=fmtp:96 x=1\r\n';
const sdp = ['v=0\r\n', ...[chromium, firefox, bare, video].map((lines) => `m=x 9 UDP 1\r\n${lines}`)].join('');

describe('Opus', () => {
  test('what a source has is added to its m-line and to no other', () => {
    const tracks = [
      { mid: '0', source: 'mic' },
      { mid: '1', source: 'screen_audio' },
      { mid: '3', source: 'camera' },
    ] as const;
    expect(withOpus(sdp, tracks, encoded)).toBe(
      sdp.replace('fmtp:111 min', 'fmtp:111 usedtx=1;min').replace('fmtp:109 max', 'fmtp:109 stereo=1;max'),
    );
    expect(withOpus(sdp, tracks, offered)).toBe(sdp.replace('fmtp:109 max', 'fmtp:109 sprop-stereo=1;max'));
    expect(withOpus(sdp, [], encoded)).toBe(sdp);
  });

  test('lost sound is asked for once more, pictures as the browser says', () => {
    const answer = askingAgain(sdp);
    expect(answer).toBe(
      sdp
        .replaceAll('111 opus/48000/2', '111 opus/48000/2\r\na=rtcp-fb:111 nack')
        .replace('109 OPUS/48000/2', '109 OPUS/48000/2\r\na=rtcp-fb:109 nack'),
    );
    expect(askingAgain(answer)).toBe(answer);
  });

  test('where there is no format line, one is made', () => {
    const made = withOpus(sdp, [{ mid: '2', source: 'mic' }], encoded);
    expect(made).toBe(sdp.replace(bare, `${bare}a=fmtp:111 usedtx=1\r\n`));
  });
});
