import { describe, expect, test } from 'vitest';
import { prefixOf, readPrefix } from '../../src/worker/frames/codec.ts';
import { parseHeader } from '../../src/worker/frames/header.ts';
import {
  type Bytes,
  Codec,
  FrameError,
  type FrameErrorCode,
  Opener,
  Sealer,
  Source,
} from '../../src/worker/frames/index.ts';
import { Counter } from '../../src/worker/frames/sframe.ts';
import { hex } from './vectors.ts';

const kid = (3n << 16n) | 17n;
const key = new Uint8Array(32).fill(1);
const otherKey = new Uint8Array(32).fill(2);
const frame: Bytes = new TextEncoder().encode('an encoded frame');

async function refused(what: Promise<unknown> | (() => unknown)): Promise<FrameErrorCode | 'accepted'> {
  try {
    await (typeof what === 'function' ? what() : what);
    return 'accepted';
  } catch (e) {
    if (e instanceof FrameError) return e.code;
    throw e;
  }
}

function openerWith(k: bigint, baseKey: Bytes): Opener {
  const o = new Opener();
  o.add(k, baseKey);
  return o;
}

function sealFirst(): Promise<Bytes> {
  return new Sealer(kid, key).seal(Source.mic, Codec.opus, frame);
}

describe('Sealer', () => {
  test('F9: overlapping calls never share a counter, and keep their order', async () => {
    const s = new Sealer(kid, key);
    const calls = Array.from({ length: 300 }, () => s.seal(Source.camera, Codec.vp9, frame));
    expect(s.count).toBe(300n); // all taken before anything was awaited
    const counters = (await Promise.all(calls)).map((b) => parseHeader(b).ctr);
    expect(counters).toEqual(Array.from({ length: 300 }, (_, i) => BigInt(i)));
  });

  test('F9: refuses at the limit', () => {
    const c = new Counter((1n << 32n) - 1n);
    expect(c.take()).toBe((1n << 32n) - 1n);
    expect(() => c.take()).toThrow(new FrameError('exhausted'));
    expect(() => c.take()).toThrow(new FrameError('exhausted'));
  });

  test('refused arguments take no counter', async () => {
    const s = new Sealer(kid, key);
    expect(await refused(s.seal(Source.mic, Codec.opus, new Uint8Array(0)))).toBe('empty');
    expect(await refused(s.seal(Source.camera, 6 as Codec, frame))).toBe('codec');
    expect(await refused(s.seal(9 as Source, Codec.opus, frame))).toBe('source');
    expect(s.count).toBe(0n);
    expect(await refused(() => new Sealer(kid, new Uint8Array(16)))).toBe('key_size');
    expect(await refused(() => new Sealer(1n << 48n, key))).toBe('key_id');
    expect(await refused(() => new Sealer(-1n, key))).toBe('key_id');
  });

  test('the caller may wipe its key at once', async () => {
    const mine = new Uint8Array(key);
    const s = new Sealer(kid, mine);
    const o = openerWith(kid, mine);
    mine.fill(0);
    const sealed = await s.seal(Source.mic, Codec.opus, frame);
    expect(hex(sealed)).toBe(hex(await sealFirst()));
    expect(hex((await o.open(Source.mic, Codec.opus, sealed)).frame)).toBe(hex(frame));
  });
});

describe('Opener', () => {
  test('F2: a replay is refused, at once, after the key came again, after it was dropped', async () => {
    const sealed = await sealFirst();
    const o = openerWith(kid, key);
    expect(await refused(o.open(Source.mic, Codec.opus, sealed))).toBe('accepted');
    expect(await refused(o.open(Source.mic, Codec.opus, sealed))).toBe('replay');
    o.add(kid, key);
    expect(await refused(o.open(Source.mic, Codec.opus, sealed))).toBe('replay');
    o.drop(kid);
    const error: unknown = await o.open(Source.mic, Codec.opus, sealed).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'unknown_key', kid, dropped: true });
    expect(await refused(() => o.add(kid, key))).toBe('key_dropped');
    // Without the window's memory, here a new Opener, it passes.
    expect(await refused(openerWith(kid, key).open(Source.mic, Codec.opus, sealed))).toBe('accepted');
  });

  test('F3: copies opened at the same time are accepted once', async () => {
    const sealed = await sealFirst();
    const o = openerWith(kid, key);
    const results = await Promise.all(
      Array.from({ length: 20 }, () => refused(o.open(Source.mic, Codec.opus, sealed))),
    );
    expect(results.filter((r) => r === 'accepted')).toHaveLength(1);
    expect(results.filter((r) => r === 'replay')).toHaveLength(19);
  });

  test('F3: any order, each once', async () => {
    const s = new Sealer(kid, key);
    const sealed = await Promise.all(Array.from({ length: 100 }, () => s.seal(Source.mic, Codec.opus, frame)));
    const o = openerWith(kid, key);
    for (const b of sealed.toReversed()) expect(await refused(o.open(Source.mic, Codec.opus, b))).toBe('accepted');
    for (const b of sealed) expect(await refused(o.open(Source.mic, Codec.opus, b))).toBe('replay');
  });

  test('a key dropped while the cipher runs opens nothing', async () => {
    const sealed = await sealFirst();
    const o = openerWith(kid, key);
    const opening = o.open(Source.mic, Codec.opus, sealed);
    o.drop(kid);
    expect(await refused(opening)).toBe('unknown_key');
  });

  test('F4: another source, codec or sender', async () => {
    const sealed = await new Sealer(kid, key).seal(Source.camera, Codec.vp9, frame);
    expect(await refused(openerWith(kid, key).open(Source.screen, Codec.vp9, sealed))).toBe('authentication');
    expect(await refused(openerWith(kid, key).open(Source.camera, Codec.opus, sealed))).toBe('authentication');
    expect(await refused(openerWith(kid, otherKey).open(Source.camera, Codec.vp9, sealed))).toBe('authentication');
    expect(await refused(openerWith(kid, key).open(Source.camera, Codec.vp9, sealed))).toBe('accepted');
  });

  test('F1: the key bit of the prefix must be the frame’s', async () => {
    for (const codec of [Codec.vp8, Codec.av1, Codec.h264]) {
      const deltaFrame = Uint8Array.of(0x31, 1, 2, 3); // not a VP8 key frame; AV1's reserved bit ends the walk
      const sealed = await new Sealer(kid, key).seal(Source.camera, codec, deltaFrame);
      const body = sealed.subarray(readPrefix(codec, sealed).length);
      const forged = Uint8Array.of(...prefixOf(codec, 'key', body.length), ...body);
      const o = openerWith(kid, key);
      expect(await refused(o.open(Source.camera, codec, forged))).toBe('authentication');
      expect(await refused(o.open(Source.camera, codec, sealed))).toBe('accepted');
    }
  });

  test('F10: forged frames change nothing', async () => {
    const o = openerWith(kid, key);
    const sealed = await sealFirst();
    const far = await Promise.all(
      Array.from({ length: 200 }, (_, i) => {
        const forged = Uint8Array.of(0xab, 0x03, 0x00, 0x11, 0x7f, i, 0, 0, ...new Uint8Array(40));
        return refused(o.open(Source.mic, Codec.opus, forged));
      }),
    );
    expect(new Set(far)).toEqual(new Set(['authentication']));
    expect(await refused(o.open(Source.mic, Codec.opus, sealed))).toBe('accepted');
  });

  test('F11: unknown keys say which', async () => {
    const error: unknown = await new Opener().open(Source.mic, Codec.opus, await sealFirst()).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'unknown_key', kid, dropped: false, message: 'unknown_key (key 3/17)' });
  });

  test('F12: one KID, one key', async () => {
    const o = openerWith(kid, key);
    expect(await refused(() => o.add(kid, otherKey))).toBe('key_conflict');
    expect(await refused(o.open(Source.mic, Codec.opus, await sealFirst()))).toBe('accepted');
    expect([o.has(kid), o.has(kid + 1n)]).toEqual([true, false]);
  });

  test('keys are in no text of the objects', () => {
    const secret = new Uint8Array(32).fill(0xa7);
    const text = [new Sealer(kid, secret), openerWith(kid, secret)]
      .map((x) => JSON.stringify(x, (_, v) => (typeof v === 'bigint' ? `${v}` : v)) + String(x))
      .join();
    expect(text).not.toMatch(/167|a7a7/);
    expect(JSON.stringify({ secret })).toMatch(/167/); // the search finds what it looks for
  });
});
