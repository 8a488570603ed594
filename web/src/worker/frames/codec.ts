import { FrameError } from './errors.ts';
import { startsWithIDR } from './nal.ts';

// The clear prefixes, as in the Go package mediacrypt, whose documentation states the rules and reasons.

/** Bytes that WebCrypto accepts: not over a SharedArrayBuffer. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** What a track carries. The numbers are part of the format. */
export const Source = { mic: 1, camera: 2, screen: 3, screenAudio: 4, data: 5 } as const;
export type Source = (typeof Source)[keyof typeof Source];

/** How a frame is encoded. The numbers are part of the format. */
export const Codec = { data: 0, opus: 1, vp8: 2, vp9: 3, av1: 4, h264: 5 } as const;
export type Codec = (typeof Codec)[keyof typeof Codec];

/** What the prefix tells about a frame; Opus, VP9 and data have none. */
export type Kind = 'untold' | 'delta' | 'key';

export function check(source: Source, codec: Codec): void {
  if (source < Source.mic || source > Source.data) throw new FrameError('source');
  if (codec < Codec.data || codec > Codec.h264) throw new FrameError('codec');
}

const vp8KeyPrefix = [0x10, 0x00, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01]; // RFC 6386 §9.1
const vp8DeltaPrefix = [0x11];
const vp8NotKeyBit = 0x01;
const av1KeyPrefix = [0x0a, 0x01, 0x00]; // a sequence header OBU of one byte
const av1SequencePayload = 0x00;

// H.264 §7.3.2.1, §7.3.2.2, §7.3.3: parameter sets and the beginning of an IDR slice; the beginning of a P slice.
const h264KeyPrefix = [
  ...[0, 0, 0, 1, 0x67, 0x42, 0xe0, 0x1f, 0xda, 0x02, 0x80, 0xf6, 0x80, 0x78, 0x44, 0x23, 0x50],
  ...[0, 0, 0, 1, 0x68, 0xce, 0x3c, 0x80],
  ...[0, 0, 0, 1, 0x65, 0x88, 0x80],
];
const h264DeltaPrefix = [0, 0, 0, 1, 0x41, 0x9a];

// OBU types and the bits of the OBU header, AV1 §5.3.2 and §6.2.2.
const obu = { sequenceHeader: 1, temporalDelimiter: 2, frame: 6, padding: 15 } as const;
const obuForbidden = 0x80;
const obuExtension = 0x04;
const obuHasSize = 0x02;
const obuReserved = 0x01;
const maxLEB128Bytes = 8; // AV1 §4.10.5
const maxLEB128 = 0xffffffff;

/**
 * The frame's own key bit: VP8's bit 0 of the first byte; an AV1 frame is a key frame if a sequence header is met
 * among its OBUs, walked from the front as long as they are well formed; an H.264 frame, if its first slice is an IDR slice.
 */
export function kindOf(codec: Codec, frame: Uint8Array): Kind {
  switch (codec) {
    case Codec.vp8:
      return (at(frame, 0) & vp8NotKeyBit) === 0 ? 'key' : 'delta';
    case Codec.av1:
      return hasSequenceHeader(frame) ? 'key' : 'delta';
    case Codec.h264:
      return startsWithIDR(frame) ? 'key' : 'delta';
    default:
      return 'untold';
  }
}

/** What stands before a sealed frame of n bytes. */
export function prefixOf(codec: Codec, kind: Kind, n: number): number[] {
  switch (codec) {
    case Codec.vp8:
      return kind === 'key' ? vp8KeyPrefix : vp8DeltaPrefix;
    case Codec.av1:
      return [...(kind === 'key' ? av1KeyPrefix : []), (obu.frame << 3) | obuHasSize, ...leb128(n)];
    case Codec.h264:
      return kind === 'key' ? h264KeyPrefix : h264DeltaPrefix;
    default:
      return [];
  }
}

/** Checks the prefix; the sealed frame is what follows its length, of H.264 still in its NAL unit. */
export function readPrefix(codec: Codec, sealed: Uint8Array): { length: number; kind: Kind } {
  switch (codec) {
    case Codec.vp8:
      return readConstant(sealed, vp8DeltaPrefix, vp8KeyPrefix);
    case Codec.h264:
      return readConstant(sealed, h264DeltaPrefix, h264KeyPrefix);
    case Codec.av1:
      return readAV1Prefix(sealed);
    default:
      return { length: 0, kind: 'untold' };
  }
}

function readConstant(
  sealed: Uint8Array,
  delta: readonly number[],
  key: readonly number[],
): { length: number; kind: Kind } {
  if (startsWith(sealed, delta)) return { length: delta.length, kind: 'delta' };
  if (startsWith(sealed, key)) return { length: key.length, kind: 'key' };
  throw new FrameError('malformed');
}

// Browsers take AV1 frames apart and put them together again: see the Go package for what is accepted and why. The size of
// the frame OBU is read over, not believed.
function readAV1Prefix(sealed: Uint8Array): { length: number; kind: Kind } {
  let kind: Kind = 'delta';
  let from = 0;
  for (;;) {
    const h = obuHeader(sealed, from);
    if (h === null) throw new FrameError('malformed');
    if (h.type === obu.frame) return { length: h.body, kind };
    const end = h.size === null ? Number.POSITIVE_INFINITY : h.body + h.size;
    if (end > sealed.length) throw new FrameError('malformed');
    if (h.type === obu.sequenceHeader) {
      const constant = h.size === 1 && at(sealed, h.body) === av1SequencePayload;
      if (kind === 'key' || !constant) throw new FrameError('malformed');
      kind = 'key';
    } else if (!(h.type === obu.padding || (h.type === obu.temporalDelimiter && h.size === 0))) {
      throw new FrameError('malformed');
    }
    from = end;
  }
}

function hasSequenceHeader(frame: Uint8Array): boolean {
  let from = 0;
  for (;;) {
    const h = obuHeader(frame, from);
    if (h === null) return false;
    if (h.type === obu.sequenceHeader) return true;
    if (h.size === null || h.body + h.size > frame.length) return false;
    from = h.body + h.size;
  }
}

interface OBUHeader {
  type: number;
  size: number | null;
  body: number; // where the payload starts
}

function obuHeader(b: Uint8Array, from: number): OBUHeader | null {
  const first = b[from];
  if (first === undefined || (first & (obuForbidden | obuReserved)) !== 0) return null;
  const type = (first >> 3) & 0x0f;
  const body = from + ((first & obuExtension) === 0 ? 1 : 2);
  if (body > b.length) return null;
  if ((first & obuHasSize) === 0) return { type, size: null, body };
  const size = parseLEB128(b, body);
  return size === null ? null : { type, size: size.value, body: size.end };
}

function leb128(n: number): number[] {
  const bytes: number[] = [];
  let rest = n;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return bytes;
}

function parseLEB128(b: Uint8Array, from: number): { value: number; end: number } | null {
  let value = 0;
  for (let i = 0; i < maxLEB128Bytes; i++) {
    const c = b[from + i];
    if (c === undefined) return null;
    value += (c & 0x7f) * 2 ** (7 * i); // at most 56 bits; shifts have only 32, and more than 53 are refused below
    if ((c & 0x80) === 0) return value > maxLEB128 ? null : { value, end: from + i + 1 };
  }
  return null;
}

function startsWith(b: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, i) => b[i] === byte);
}

function at(b: Uint8Array, i: number): number {
  return b[i] ?? 0;
}
