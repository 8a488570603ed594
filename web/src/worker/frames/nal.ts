import type { Bytes } from './codec.ts';
import { FrameError } from './errors.ts';

// NAL units of H.264: a sealed frame stands in one, as the Go package mediacrypt says.

const idr = 5; // NAL unit types 1 to 5 are coded slices, H.264 table 7-1
const end = 0x80; // rbsp_trailing_bits, §7.3.2.11
const emulation = 0x03; // emulation_prevention_three_byte, §7.4.1

/** Whether the first slice of the frame is an IDR slice: then all are (H.264 §7.4.1.2.4). */
export function startsWithIDR(frame: Uint8Array): boolean {
  for (let one = frame.indexOf(1); one >= 0; one = frame.indexOf(1, one + 1)) {
    const header = frame[one + 1];
    if (one < 2 || frame[one - 1] !== 0 || frame[one - 2] !== 0 || header === undefined) continue;
    const type = header & 0x1f;
    if (type >= 1 && type <= idr) return type === idr;
  }
  return false;
}

/** The sealed frame as the inside of a NAL unit, behind its prefix, and the unit's end. */
export function toUnit(prefix: readonly number[], sealed: Bytes): Bytes {
  const escapes: number[] = [];
  for (let at = behindZeros(sealed, 0); at < sealed.length; at = behindZeros(sealed, at)) {
    if (byteAt(sealed, at) <= emulation) escapes.push(at);
  }
  const unit = new Uint8Array(prefix.length + sealed.length + escapes.length + 1);
  unit.set(prefix);
  let from = 0;
  let to = prefix.length;
  for (const at of [...escapes, sealed.length]) {
    unit.set(sealed.subarray(from, at), to);
    to += at - from;
    unit[to++] = at === sealed.length ? end : emulation;
    from = at;
  }
  return unit;
}

/** What toUnit was given, from behind the prefix on; anything that it would not have made is refused. */
export function fromUnit(unit: Bytes): Bytes {
  const last = unit.length - 1;
  if (unit[last] !== end) throw new FrameError('malformed');
  const inside = unit.subarray(0, last);
  const out = new Uint8Array(last);
  let from = 0;
  let to = 0;
  for (let at = behindZeros(inside, 0); at < last; at = behindZeros(inside, at)) {
    const byte = byteAt(inside, at);
    if (byte > emulation) continue;
    if (byte < emulation || at + 1 === last || byteAt(inside, at + 1) > emulation) throw new FrameError('malformed');
    out.set(inside.subarray(from, at), to);
    to += at - from;
    from = ++at;
  }
  out.set(inside.subarray(from), to);
  return out.subarray(0, to + last - from);
}

/** Where the first two zeros from there on end; the length where there are none. */
function behindZeros(b: Uint8Array, from: number): number {
  for (let at = b.indexOf(0, from); at >= 0; at = b.indexOf(0, at + 1)) {
    if (b[at + 1] === 0) return at + 2;
  }
  return b.length;
}

function byteAt(b: Uint8Array, at: number): number {
  return b[at] ?? 0;
}
