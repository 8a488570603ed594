import { describe, expect, test } from 'vitest';
import { kindOf, readPrefix } from '../../src/worker/frames/codec.ts';
import { encodeHeader, parseHeader } from '../../src/worker/frames/header.ts';
import { Codec, FrameError, Opener, Source } from '../../src/worker/frames/index.ts';
import { derive, hkdf, parameters, sealAt } from '../../src/worker/frames/sframe.ts';
import { bytes, clip, hex, readFrames, readRFC } from './vectors.ts';

const rfc = readRFC('rfc9605.json');
const frames = readFrames('frames.json');

function frameNamed(name: string) {
  const v = frames.frames.find((f) => f.name === name);
  if (v === undefined) throw new Error(`no vector ${name}`);
  return v;
}

// Key and salt as bytes, which the code itself never sees of the key.
async function derivedBits(label: string, kid: bigint, baseKey: string, bits: number): Promise<string> {
  const ikm = await crypto.subtle.importKey('raw', bytes(baseKey), 'HKDF', false, ['deriveBits']);
  return hex(await crypto.subtle.deriveBits(hkdf(label, kid), ikm, bits));
}

describe('RFC 9605', () => {
  test('headers', () => {
    expect(rfc.header.length).toBeGreaterThanOrEqual(289);
    for (const v of rfc.header) {
      const h = { kid: BigInt(v.kid), ctr: BigInt(v.ctr) };
      expect(hex(encodeHeader(h))).toBe(v.encoded);
      expect(parseHeader(bytes(`${v.encoded}aa`))).toEqual({ ...h, length: v.encoded.length / 2 });
    }
  });

  test('suite 5, every step', async () => {
    expect(rfc.sframe.length).toBe(1);
    for (const v of rfc.sframe) {
      const h = { kid: BigInt(v.kid), ctr: BigInt(v.ctr) };
      expect(await derivedBits('SFrame 1.0 Secret key ', h.kid, v.base_key, 256)).toBe(v.sframe_key);
      expect(await derivedBits('SFrame 1.0 Secret salt ', h.kid, v.base_key, 96)).toBe(v.sframe_salt);
      const s = await derive(h.kid, bytes(v.base_key));
      const header = encodeHeader(h);
      const { iv } = parameters(s.salt, h, header, Source.mic, Codec.opus);
      expect(hex(iv)).toBe(v.nonce);
      const additionalData = bytes(hex(header) + v.metadata);
      expect(hex(additionalData)).toBe(v.aad);
      const ct = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, s.key, bytes(v.pt));
      expect(hex(header) + hex(ct)).toBe(v.ct);
    }
  });
});

describe('the vectors that Go wrote', () => {
  test.each(frames.frames)('$name', async (v) => {
    const h = { kid: BigInt(v.kid), ctr: BigInt(v.ctr) };
    const hkdfInfo = (label: string) => hex(hkdf(label, h.kid).info as Uint8Array);
    expect(hkdfInfo('SFrame 1.0 Secret key ')).toBe(v.sframe_key_label);
    expect(hkdfInfo('SFrame 1.0 Secret salt ')).toBe(v.sframe_salt_label);
    expect(await derivedBits('SFrame 1.0 Secret key ', h.kid, v.base_key, 256)).toBe(v.sframe_key);
    const s = await derive(h.kid, bytes(v.base_key));
    expect(hex(s.salt)).toBe(v.sframe_salt);
    const header = encodeHeader(h);
    expect(hex(header)).toBe(v.header);
    const p = parameters(s.salt, h, header, v.source, v.codec);
    expect(hex(p.iv)).toBe(v.nonce);
    expect(hex(p.additionalData)).toBe(v.aad);
    expect(kindOf(v.codec, bytes(v.frame))).toBe(v.kind);
    const sealed = await sealAt(s, h, v.source, v.codec, bytes(v.frame));
    expect(hex(sealed.subarray(0, v.prefix.length / 2))).toBe(v.prefix);
    expect(hex(sealed)).toBe(v.sealed);

    const opener = new Opener();
    opener.add(h.kid, bytes(v.base_key));
    const opened = await opener.open(v.source, v.codec, bytes(v.sealed));
    expect({ ...opened, frame: hex(opened.frame) }).toEqual({ ...h, frame: v.frame });
  });

  test('frames that browsers rewrote still open', async () => {
    expect(frames.variants.length).toBeGreaterThan(8);
    for (const a of frames.variants) {
      const v = frameNamed(a.of);
      const opener = new Opener();
      opener.add(BigInt(v.kid), bytes(v.base_key));
      expect(hex((await opener.open(a.source, a.codec, bytes(a.sealed))).frame), a.name).toBe(v.frame);
    }
  });

  test('F1: altered frames are refused with the same error as in Go, and change nothing', async () => {
    expect(frames.rejects.length).toBeGreaterThan(200);
    for (const a of frames.rejects) {
      const v = frameNamed(a.of);
      const opener = new Opener();
      opener.add(BigInt(v.kid), bytes(v.base_key));
      const error: unknown = await opener.open(a.source, a.codec, bytes(a.sealed)).catch((e: unknown) => e);
      expect(error, a.name).toBeInstanceOf(FrameError);
      expect(error instanceof FrameError && error.code, a.name).toBe(a.error);
      expect(hex((await opener.open(v.source, v.codec, bytes(v.sealed))).frame), a.name).toBe(v.frame);
    }
  });
});

test('which AV1 frames are key frames', () => {
  expect(frames.av1_kinds.length).toBeGreaterThanOrEqual(13);
  for (const c of frames.av1_kinds) expect(kindOf(Codec.av1, bytes(c.frame)), c.name).toBe(c.kind);
});

// 12 frames each of ffmpeg's test picture, a key frame every 5.
describe('real clips', () => {
  test.each([
    ['vp8', Codec.vp8],
    ['vp9', Codec.vp9],
    ['av1', Codec.av1],
    ['h264', Codec.h264],
  ] as const)('%s', async (name, codec) => {
    const key = bytes('11'.repeat(32));
    const s = await derive(7n, key);
    const opener = new Opener();
    opener.add(7n, key);
    const kinds: string[] = [];
    for (const [i, frame] of clip(name).entries()) {
      const sealed = await sealAt(s, { kid: 7n, ctr: BigInt(i) }, Source.camera, codec, frame);
      kinds.push(readPrefix(codec, sealed).kind);
      expect(hex((await opener.open(Source.camera, codec, sealed)).frame)).toBe(hex(frame));
    }
    const key5 = (i: number) => (i % 5 === 0 ? 'key' : 'delta');
    expect(kinds).toEqual(Array.from({ length: 12 }, (_, i) => (codec === Codec.vp9 ? 'untold' : key5(i))));
  });
});
