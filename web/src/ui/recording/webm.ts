/**
 * The length of a WebM file, which browsers do not know when they write its beginning: a place is made for it there, and
 * filled in at the end. Without it players show no length and do not seek. (RFC 8794, RFC 9559.)
 */

const EBML = 0x1a45dfa3;
const SEGMENT = 0x18538067;
const SEEK_HEAD = 0x114d9b74;
const INFO = 0x1549a966;
const DURATION = 0x4489;
const TIMESTAMP_SCALE = 0x2ad7b1;
const DEFAULT_SCALE = 1_000_000; // ns a unit, RFC 9559 §5.1.2.9

export interface Opening {
  /** What to write in place of the bytes that were read. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Where in the file the length stands, and how to write it. */
  position: number;
  length(seconds: number): Uint8Array<ArrayBuffer>;
}

/** Null where it is not the beginning of a live WebM file that holds all of its Info. */
export function opening(bytes: Uint8Array<ArrayBuffer>): Opening | null {
  const head = element(bytes, 0);
  if (head?.id !== EBML) return null;
  const segment = element(bytes, head.end);
  if (segment?.id !== SEGMENT || segment.end !== Number.POSITIVE_INFINITY) return null;
  const first = element(bytes, segment.body);
  const start = first?.id === SEEK_HEAD ? first.end : segment.body; // Firefox writes an empty index
  const info = element(bytes, start);
  if (info?.id !== INFO || info.end > bytes.length) return null;
  let scale = DEFAULT_SCALE;
  let known: Element | null = null;
  for (let at = info.body; at < info.end; ) {
    const child = element(bytes, at);
    if (!child || child.end > info.end) return null;
    if (child.id === TIMESTAMP_SCALE) scale = uint(bytes.subarray(child.body, child.end));
    if (child.id === DURATION) known = child;
    at = child.end;
  }
  const units = (seconds: number) => (seconds * 1e9) / scale;
  if (known) {
    const size = known.end - known.body;
    if (size !== 4 && size !== 8) return null;
    return { bytes, position: known.body, length: (seconds) => float(units(seconds), size) };
  }
  if (start !== segment.body) return null; // what an index points at must not move
  const place = Uint8Array.of(0x44, 0x89, 0x88, 0, 0, 0, 0, 0, 0, 0, 0);
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, (1n << 56n) | BigInt(info.end - info.body + place.length));
  const id = bytes.subarray(segment.body, segment.body + 4);
  const longer = joined(
    bytes.subarray(0, segment.body),
    id,
    size,
    place,
    bytes.subarray(info.body, info.end),
    bytes.subarray(info.end),
  );
  return { bytes: longer, position: segment.body + 15, length: (seconds) => float(units(seconds), 8) };
}

interface Element {
  id: number;
  body: number;
  end: number;
}

function element(bytes: Uint8Array, at: number): Element | null {
  const id = vint(bytes, at, true);
  const size = id && vint(bytes, at + id.length, false);
  if (!id || !size) return null;
  const body = at + id.length + size.length;
  return { id: id.value, body, end: body + size.value };
}

/** A variable-size integer of at most 8 bytes; all ones is "unknown" (RFC 8794 §6.2). */
function vint(bytes: Uint8Array, at: number, marked: boolean): { value: number; length: number } | null {
  const first = bytes[at] ?? 0;
  const length = Math.clz32(first) - 23;
  if (first === 0 || at + length > bytes.length) return null;
  let value = marked ? first : first & ((1 << (8 - length)) - 1);
  let unknown = (first | (0xff << (8 - length))) % 256 === 255;
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i] ?? 0;
    unknown &&= byte === 255;
    value = value * 256 + byte;
  }
  return { value: unknown && !marked ? Number.POSITIVE_INFINITY : value, length };
}

function uint(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

function float(value: number, size: 4 | 8): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  if (size === 4) view.setFloat32(0, value);
  else view.setFloat64(0, value);
  return bytes;
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
