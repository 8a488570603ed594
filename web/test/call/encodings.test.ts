import { describe, expect, test } from 'vitest';
import { type Encoding, encodingsFor, layersOf, type Picture, want } from '../../src/call/encodings.ts';
import type { Codec } from '../../src/wire.ts';

const hd = { width: 1280, height: 720 };
const brief = (encodings: Encoding[]) =>
  encodings.map(({ rid = '-', scaleResolutionDownBy = 1, scalabilityMode }) =>
    [rid, scaleResolutionDownBy, scalabilityMode].join(' '),
  );

describe('a video is sent', () => {
  test.each<[Picture, Codec, number, number, string[]]>([
    ['camera', 'vp8', 1280, 720, ['q 4 L1T3', 'h 2 L1T3', 'f 1 L1T3']],
    ['camera', 'vp8', 720, 1280, ['q 4 L1T3', 'h 2 L1T3', 'f 1 L1T3']],
    ['camera', 'h264', 1920, 1080, ['q 4 L1T3', 'h 2 L1T3', 'f 1 L1T3']],
    ['camera', 'vp8', 640, 480, ['h 2 L1T3', 'f 1 L1T3']],
    ['camera', 'vp8', 320, 240, ['- 1 L1T3']],
    ['camera', 'vp9', 1280, 720, ['- 1 L3T3_KEY']],
    ['camera', 'vp9', 640, 360, ['- 1 L2T3_KEY']],
    ['camera', 'av1', 1280, 720, ['- 1 L2T2']],
    ['camera', 'av1', 320, 180, ['- 1 L1T3']],
    ['screen', 'vp8', 1920, 1080, ['h 2 L1T3', 'f 1 L1T3']],
    ['screen', 'vp8', 800, 400, ['- 1 L1T3']],
    ['screen', 'vp9', 1920, 1080, ['- 1 L1T3']],
  ])('%s %s %ix%i', (picture, codec, width, height, expected) => {
    expect(brief(encodingsFor(picture, codec, { width, height }))).toEqual(expected);
  });

  test('with more bits the more there is to see, and fewer in better codecs', () => {
    const bits = (codec: Codec) => encodingsFor('camera', codec, hd).map((e) => Math.round((e.maxBitrate ?? 0) / 1000));
    expect(bits('vp8')).toEqual([150, 487, 1583]);
    expect(bits('vp9')).toEqual([1666]); // three quarters of all three together
    const screens = encodingsFor('screen', 'vp8', { width: 3840, height: 2160 });
    expect(screens.map((e) => [e.maxBitrate, e.maxFramerate])).toEqual([
      [2_500_000, 5],
      [2_500_000, 15],
    ]);
  });
});

describe('the sizes that the server is told', () => {
  test('are those of the streams, by their names', () => {
    expect(layersOf(encodingsFor('camera', 'vp8', { width: 1279, height: 719 }), { width: 1279, height: 719 })).toEqual(
      [
        { rid: 'q', width: 319, height: 179 },
        { rid: 'h', width: 639, height: 359 },
        { rid: 'f', width: 1279, height: 719 },
      ],
    );
  });

  test('are those of the layers in one stream, which have no names; of one alone there are none', () => {
    expect(layersOf([{ scalabilityMode: 'L2T2' }], hd)).toEqual([{ width: 640, height: 360 }, hd]);
    expect(layersOf([{ scalabilityMode: 'L1T3' }], hd)).toEqual([]);
    expect(layersOf([{}], hd)).toEqual([]);
  });
});

describe('what nobody wants', () => {
  test.each([
    [0, [false, false, false]],
    [1, [true, false, false]],
    [2, [true, true, false]],
    [3, [true, true, true]],
    [Number.POSITIVE_INFINITY, [true, true, true]],
  ])('is not encoded: %d streams', (layers, active) => {
    const encodings = encodingsFor('camera', 'vp8', hd);
    want(encodings, layers, 'L1T3');
    expect(encodings.map((e) => e.active)).toEqual(active);
    expect(new Set(encodings.map((e) => e.scalabilityMode))).toEqual(new Set(['L1T3']));
  });

  test.each([
    ['L3T3_KEY', 0, false, 'L3T3_KEY', 1],
    ['L3T3_KEY', 1, true, 'L1T3', 4],
    ['L3T3_KEY', 2, true, 'L2T3_KEY', 2],
    ['L3T3_KEY', 4, true, 'L3T3_KEY', 1],
    ['L2T2', 1, true, 'L1T2', 2],
    ['L1T3', 1, true, 'L1T3', 1],
  ])('is left out of one stream of %s: %d layers', (whole, layers, active, mode, scale) => {
    const encodings: Encoding[] = [{ active: true, scalabilityMode: whole }];
    want(encodings, layers, whole);
    expect(encodings[0]?.active).toBe(active);
    expect(brief(encodings)).toEqual([`- ${scale} ${mode}`]);
  });

  test('is switched off where a browser knows no layers', () => {
    const encodings: Encoding[] = [{}];
    want(encodings, 0, undefined);
    expect(encodings).toEqual([{ active: false }]);
  });
});
