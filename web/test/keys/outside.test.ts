// Keys from outside, derived a second time from the text of docs/crypto.md with WebCrypto. The vectors are olmkeys' own.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { passphraseKey } from '../../src/worker/outside.ts';

interface Vectors {
  room: string;
  call: string;
  user: string;
  device: string;
  join_id: string;
  modes: {
    source: string;
    media_salt: string;
    base_keys: { label: string; generation: number; index: number; kid: string; state: string; base_key: string }[];
  }[];
  passphrase: { passphrase: string; salt: string; key: string };
}

const v = JSON.parse(
  readFileSync(new URL('../../../olmkeys/testdata/outside.json', import.meta.url), 'utf8'),
) as Vectors;

type Bytes = Uint8Array<ArrayBuffer>;
const utf8 = (s: string): Bytes => new TextEncoder().encode(s);
const hex = (b: ArrayBuffer) => Buffer.from(new Uint8Array(b)).toString('hex');
const unhex = (s: string): Bytes => Uint8Array.from(Buffer.from(s, 'hex'));
const cat = (...parts: Bytes[]): Bytes => Uint8Array.from(parts.flatMap((p) => [...p]));
const u32 = (n: number): Bytes => Uint8Array.of(n >>> 24, n >>> 16, n >>> 8, n);

function lp(x: Bytes | string): Bytes {
  const b = typeof x === 'string' ? utf8(x) : x;
  return cat(Uint8Array.of(b.length >> 8, b.length), b);
}

test.each(v.modes)('base keys of keys that are $source', async ({ source, media_salt, base_keys }) => {
  expect(hex(await crypto.subtle.digest('SHA-256', utf8(`grotto v1 no link${source}`)))).toBe(media_salt);
  expect(base_keys.length).toBeGreaterThanOrEqual(4);
  for (const k of base_keys) {
    expect(BigInt(k.kid)).toBe(BigInt(k.generation) << 16n);
    const context = cat(lp(v.room), lp(unhex(v.call)), lp(v.user), lp(v.device), unhex(v.join_id));
    const info = cat(utf8(`grotto v1 ${k.label}`), context, u32(k.generation), u32(k.index));
    const key = await crypto.subtle.importKey('raw', unhex(k.state), 'HKDF', false, ['deriveBits']);
    const salt = unhex(media_salt);
    const bits = await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, key, 256);
    expect(hex(bits)).toBe(k.base_key);
  }
});

test('the key of a passphrase, as the worker makes it', async () => {
  const { passphrase, salt, key } = v.passphrase;
  expect(hex((await passphraseKey(passphrase, v.room, unhex(salt))).slice().buffer)).toBe(key);
});
