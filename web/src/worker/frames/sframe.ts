import { type Bytes, Codec, check, type Kind, kindOf, prefixOf, readPrefix, type Source } from './codec.ts';
import { FrameError } from './errors.ts';
import { encodeHeader, type Header, parseHeader } from './header.ts';
import { fromUnit, toUnit } from './nal.ts';
import { ReplayWindow } from './replay.ts';

// SFrame (RFC 9605), suite AES_256_GCM_SHA512_128, with WebCrypto: the twin of the Go package mediacrypt, whose
// documentation says what this protects and what not. Both are tested with mediacrypt/testdata/frames.json.

const suite = 0x0005;
const keySize = 32;
const nonceSize = 12;
const tagSize = 16;
const maxFrames = 1n << 32n; // NIST SP 800-38D §8.3
const maxKeyID = (1n << 48n) - 1n; // generation u32, index u16

/** A key ready for use. The AES key stays inside WebCrypto; the salt is not secret enough to need that. */
export interface Schedule {
  key: CryptoKey;
  salt: Bytes;
}

/** RFC 9605 §4.4.2. WebCrypto's HKDF is Extract and Expand in one; Extract depends on the base key only, so it is the same. */
export async function derive(kid: bigint, baseKey: Bytes): Promise<Schedule> {
  const ikm = await crypto.subtle.importKey('raw', baseKey, 'HKDF', false, ['deriveKey', 'deriveBits']);
  const [key, salt] = await Promise.all([
    crypto.subtle.deriveKey(hkdf('SFrame 1.0 Secret key ', kid), ikm, { name: 'AES-GCM', length: 256 }, false, [
      'encrypt',
      'decrypt',
    ]),
    crypto.subtle.deriveBits(hkdf('SFrame 1.0 Secret salt ', kid), ikm, nonceSize * 8),
  ]);
  return { key, salt: new Uint8Array(salt) };
}

export function hkdf(label: string, kid: bigint): HkdfParams {
  const text = new TextEncoder().encode(label);
  const info = new Uint8Array(text.length + 10);
  info.set(text);
  const numbers = new DataView(info.buffer, text.length);
  numbers.setBigUint64(0, kid);
  numbers.setUint16(8, suite);
  return { name: 'HKDF', hash: 'SHA-512', salt: new Uint8Array(0), info };
}

/** salt XOR CTR (RFC 9605 §4.4.3) and header || source || codec. */
export function parameters(salt: Bytes, h: Header, header: Uint8Array, source: Source, codec: Codec) {
  const iv = new Uint8Array(salt);
  const low = new DataView(iv.buffer, nonceSize - 8);
  low.setBigUint64(0, low.getBigUint64(0) ^ h.ctr);
  const additionalData = new Uint8Array(header.length + 2);
  additionalData.set(header);
  additionalData.set([source, codec], header.length);
  return { name: 'AES-GCM', iv, additionalData, tagLength: tagSize * 8 };
}

/** Seals one frame at a given counter: not for use outside Sealer and its tests, since a counter must never be used twice. */
export async function sealAt(s: Schedule, h: Header, source: Source, codec: Codec, frame: Bytes): Promise<Bytes> {
  const header = encodeHeader(h);
  const prefix = prefixOf(codec, kindOf(codec, frame), header.length + frame.length + tagSize);
  const ciphertext = await crypto.subtle.encrypt(parameters(s.salt, h, header, source, codec), s.key, frame);
  const inUnit = codec === Codec.h264;
  const before = inUnit ? [] : prefix;
  const sealed = new Uint8Array(before.length + header.length + ciphertext.byteLength);
  sealed.set(before);
  sealed.set(header, before.length);
  sealed.set(new Uint8Array(ciphertext), before.length + header.length);
  return inUnit ? toUnit(prefix, sealed) : sealed;
}

function checkKey(kid: bigint, baseKey: Bytes): void {
  if (kid < 0n || kid > maxKeyID) throw new FrameError('key_id');
  if (baseKey.length !== keySize) throw new FrameError('key_size', kid);
}

// A copy, because WebCrypto takes its own only when the caller's turn may be over.
function begin(kid: bigint, baseKey: Bytes): Promise<Schedule> {
  const schedule = derive(kid, new Uint8Array(baseKey));
  schedule.catch(() => {}); // whoever awaits it gets the error; nobody may be there yet
  return schedule;
}

/** Counters, each once, from 0 to the limit. It is apart from Sealer so that the limit can be tested without a way to set it. */
export class Counter {
  #next: bigint;

  constructor(first = 0n) {
    this.#next = first;
  }

  get taken(): bigint {
    return this.#next;
  }

  take(): bigint {
    if (this.#next >= maxFrames) throw new FrameError('exhausted');
    return this.#next++;
  }
}

/**
 * Seals frames under one base key and owns the counter, which starts at 0: all tracks of a sender share one Sealer, and a
 * base key has one Sealer in its life. The caller may wipe its base key at once.
 */
export class Sealer {
  readonly kid: bigint;
  readonly #schedule: Promise<Schedule>;
  readonly #counter = new Counter();

  constructor(kid: bigint, baseKey: Bytes) {
    checkKey(kid, baseKey);
    this.kid = kid;
    this.#schedule = begin(kid, baseKey);
  }

  /** How many frames were sealed. */
  get count(): bigint {
    return this.#counter.taken;
  }

  /**
   * Returns prefix || header || ciphertext || tag. The counter is taken before the first await, so calls that overlap
   * have different ones, in the order of the calls. The frame must not change until the promise settles.
   */
  async seal(source: Source, codec: Codec, frame: Bytes): Promise<Bytes> {
    if (frame.length === 0) throw new FrameError('empty', this.kid);
    check(source, codec);
    const ctr = this.#counter.take();
    return sealAt(await this.#schedule, { kid: this.kid, ctr }, source, codec, frame);
  }
}

/** A frame that opened. */
export interface Opened extends Header {
  frame: Bytes;
}

interface OpenKey {
  schedule: Promise<Schedule>;
  baseKey: Bytes; // to know it again; wiped on drop
  window: ReplayWindow;
}

/** Opens the frames of one sender, of all its tracks. Never share one among senders: their KIDs are alike. */
export class Opener {
  readonly #keys = new Map<bigint, OpenKey>();
  readonly #dropped = new Set<bigint>();

  /** The same key again changes nothing and never resets the window; another one is refused, as is a dropped KID. */
  add(kid: bigint, baseKey: Bytes): void {
    checkKey(kid, baseKey);
    if (this.#dropped.has(kid)) throw new FrameError('key_dropped', kid);
    const old = this.#keys.get(kid);
    if (old === undefined) {
      const copy = new Uint8Array(baseKey);
      this.#keys.set(kid, { schedule: begin(kid, copy), baseKey: copy, window: new ReplayWindow() });
    } else if (!equal(old.baseKey, baseKey)) {
      throw new FrameError('key_conflict', kid);
    }
  }

  /** Forgets a key for good. */
  drop(kid: bigint): void {
    this.#keys.get(kid)?.baseKey.fill(0);
    this.#keys.delete(kid);
    this.#dropped.add(kid);
  }

  has(kid: bigint): boolean {
    return this.#keys.has(kid);
  }

  /** source and codec are what the receiver expects of this track. Refusals are FrameErrors and change nothing. */
  async open(source: Source, codec: Codec, sealed: Bytes): Promise<Opened> {
    if (sealed.length === 0) throw new FrameError('empty');
    check(source, codec);
    const prefix = readPrefix(codec, sealed);
    const rest = sealed.subarray(prefix.length);
    const body = codec === Codec.h264 ? fromUnit(rest) : rest;
    const { length, kid, ctr } = parseHeader(body);
    if (kid > maxKeyID || body.length - length < tagSize) throw new FrameError('malformed', kid);
    const key = this.#keys.get(kid);
    if (key === undefined) throw new FrameError('unknown_key', kid, this.#dropped.has(kid));
    // Before the cipher, so that a replayed flood costs little; once more below.
    if (!key.window.fresh(ctr)) throw new FrameError('replay', kid);

    const s = await key.schedule;
    const params = parameters(s.salt, { kid, ctr }, body.subarray(0, length), source, codec);
    const frame = await decrypt(s.key, params, body.subarray(length), kid);
    agree(codec, prefix.kind, frame, kid);

    // From here to the return nothing awaits: while the cipher ran, a copy may have been accepted or the key dropped.
    if (this.#keys.get(kid) !== key) throw new FrameError('unknown_key', kid, true);
    if (!key.window.fresh(ctr)) throw new FrameError('replay', kid);
    key.window.mark(ctr);
    return { frame, kid, ctr };
  }
}

async function decrypt(key: CryptoKey, params: AesGcmParams, body: Bytes, kid: bigint): Promise<Bytes> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt(params, key, body));
  } catch {
    throw new FrameError('authentication', kid);
  }
}

// The prefix is not authenticated, the frame is: hold the one against the other.
function agree(codec: Codec, told: Kind, frame: Bytes, kid: bigint): void {
  if (frame.length === 0) throw new FrameError('empty', kid);
  if (kindOf(codec, frame) !== told) throw new FrameError('authentication', kid);
}

// Both are ours or came by an authenticated share; still, compare in constant time.
function equal(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  a.forEach((byte, i) => {
    difference |= byte ^ (b[i] ?? 0);
  });
  return difference === 0;
}
