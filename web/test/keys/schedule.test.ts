// The key schedule of docs/crypto.md, derived a second time from its text: WebCrypto instead of Go's crypto packages.
// The vectors are olmkeys' own; the page itself never derives any of this, the engine does.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Owner {
  user: string;
  device: string;
  join_id: string;
  ed25519: string;
  call_keys: string;
  call_keys_sha256: string;
  sig: string;
  proof: string;
}

interface Vectors {
  secret: string;
  room: string;
  call: string;
  prk: string;
  proof_key: string;
  media_salt: string;
  sender: Owner;
  recipient: Owner;
  base_keys: { label: string; generation: number; index: number; kid: string; state: string; base_key: string }[];
  pq_wrap: {
    generation: number;
    index: number;
    r: string;
    ss: string;
    salt: string;
    wrap_key: string;
    aad: string;
    state: string;
    sealed: string;
  };
  data: { seq: string; kind: string; body: string; message: string; sig: string };
}

// seq is a 64-bit number: taken from the text, since JSON.parse would round it.
const text = readFileSync(new URL('../../../olmkeys/testdata/keys.json', import.meta.url), 'utf8');
const v = JSON.parse(text.replace(/"(seq|kid)": (\d+)/g, '"$1": "$2"')) as Vectors;

type Bytes = Uint8Array<ArrayBuffer>;
const utf8 = (s: string): Bytes => new TextEncoder().encode(s);
const hex = (b: ArrayBuffer | Bytes) => Buffer.from(b instanceof ArrayBuffer ? new Uint8Array(b) : b).toString('hex');
const unhex = (s: string): Bytes => Uint8Array.from(Buffer.from(s, 'hex'));
const cat = (...parts: Bytes[]): Bytes => Uint8Array.from(parts.flatMap((p) => [...p]));
const u32 = (n: number): Bytes => Uint8Array.of(n >>> 24, n >>> 16, n >>> 8, n);

function lp(x: Bytes | string): Bytes {
  const b = typeof x === 'string' ? utf8(x) : x;
  return cat(Uint8Array.of(b.length >> 8, b.length), b);
}

async function hmac(key: Bytes, message: Bytes): Promise<Bytes> {
  const k = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', k, message));
}

/** HKDF-Expand for one block (RFC 5869 §2.3); WebCrypto's HKDF always extracts first. */
const expand = (prk: Bytes, info: Bytes) => hmac(prk, cat(info, Uint8Array.of(1)));

async function hkdf(ikm: Bytes, salt: Bytes, info: Bytes): Promise<Bytes> {
  const k = await crypto.subtle.importKey('raw', ikm, 'HKDF', false, ['deriveBits']);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, k, 256));
}

async function verifies(key: string, sig: string, message: Bytes): Promise<boolean> {
  const k = await crypto.subtle.importKey('raw', unhex(key), 'Ed25519', false, ['verify']);
  return crypto.subtle.verify('Ed25519', k, unhex(sig), message);
}

const sha256 = async (b: Bytes): Promise<Bytes> => new Uint8Array(await crypto.subtle.digest('SHA-256', b));

test('the link', async () => {
  const prk = await hmac(utf8('grotto v1 link'), unhex(v.secret)); // extract: HMAC(salt, secret)
  expect(hex(prk)).toBe(v.prk);
  expect(hex(await expand(prk, cat(utf8('proof'), lp(v.room))))).toBe(v.proof_key);
  expect(hex(await expand(prk, cat(utf8('media'), lp(v.room))))).toBe(v.media_salt);
});

test('announcements: layout, signature, proof', async () => {
  for (const owner of [v.sender, v.recipient]) {
    const head = cat(
      utf8('grotto v1 call keys'),
      lp(v.room),
      lp(unhex(v.call)),
      lp(owner.user),
      lp(owner.device),
      unhex(owner.join_id),
      unhex(owner.ed25519),
    );
    expect(owner.call_keys.startsWith(hex(head))).toBe(true);
    const keys = unhex(owner.call_keys);
    expect(keys.length).toBe(head.length + 32 + 1184);
    const digest = await sha256(keys);
    expect(hex(digest)).toBe(owner.call_keys_sha256);
    const message = utf8(`grotto call keys v1 ${Buffer.from(digest).toString('base64').replace(/=+$/, '')}`);
    expect(await verifies(owner.ed25519, owner.sig, message)).toBe(true);
    message[0] = 0;
    expect(await verifies(owner.ed25519, owner.sig, message)).toBe(false);
    expect(hex(await hmac(unhex(v.proof_key), keys))).toBe(owner.proof);
  }
});

test('base keys', async () => {
  expect(v.base_keys.length).toBeGreaterThanOrEqual(10);
  for (const k of v.base_keys) {
    expect(BigInt(k.kid)).toBe((BigInt(k.generation) << 16n) | BigInt(k.index));
    const context = cat(lp(v.room), lp(unhex(v.call)), lp(v.sender.user), lp(v.sender.device), unhex(v.sender.join_id));
    const info = cat(utf8(`grotto v1 ${k.label}`), context, u32(k.generation), u32(k.index));
    expect(hex(await hkdf(unhex(k.state), unhex(v.media_salt), info))).toBe(k.base_key);
  }
});

test('the post-quantum wrap', async () => {
  const w = v.pq_wrap;
  const wrap = await hkdf(cat(unhex(w.r), unhex(w.ss)), unhex(w.salt), utf8('grotto v1 pq wrap'));
  expect(hex(wrap)).toBe(w.wrap_key);
  const key = await crypto.subtle.importKey('raw', wrap, 'AES-GCM', false, ['encrypt']);
  const aad = cat(u32(w.generation), u32(w.index));
  expect(hex(aad)).toBe(w.aad);
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv: new Uint8Array(12), additionalData: aad },
    key,
    unhex(w.state),
  );
  expect(hex(sealed)).toBe(w.sealed);
});

test('what data frames sign', async () => {
  const seq = new Uint8Array(8);
  new DataView(seq.buffer).setBigUint64(0, BigInt(v.data.seq));
  const digest = await sha256(
    cat(lp(v.room), lp(unhex(v.call)), unhex(v.sender.join_id), seq, lp(v.data.kind), utf8(v.data.body)),
  );
  const message = cat(utf8('grotto v1 data'), digest);
  expect(hex(message)).toBe(v.data.message);
  expect(await verifies(v.sender.ed25519, v.data.sig, message)).toBe(true);
});
