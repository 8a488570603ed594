import { FrameError } from './errors.ts';

/** The SFrame header: which key, and which frame under it (RFC 9605 §4.3). */
export interface Header {
  kid: bigint;
  ctr: bigint;
}

// The config byte is X KKK Y CCC: with the flag set, the three bits hold the length less one of the number that
// follows, else the number itself.
const extended = 0x08;
const fieldMask = 0x07;
const maxInline = 7n;

export function encodeHeader(h: Header): Uint8Array<ArrayBuffer> {
  const kid = encodeNumber(h.kid);
  const ctr = encodeNumber(h.ctr);
  return Uint8Array.of((kid.field << 4) | ctr.field, ...kid.bytes, ...ctr.bytes);
}

function encodeNumber(v: bigint): { field: number; bytes: number[] } {
  if (v <= maxInline) return { field: Number(v), bytes: [] };
  const bytes: number[] = [];
  for (let rest = v; rest > 0n; rest >>= 8n) bytes.unshift(Number(rest & 0xffn));
  return { field: extended | (bytes.length - 1), bytes };
}

/** Reads the header at the start of b. Only the shortest encoding is legal: each header has one. */
export function parseHeader(b: Uint8Array): Header & { length: number } {
  const config = b[0];
  if (config === undefined) throw new FrameError('malformed');
  const kid = parseNumber(b, 1, config >> 4);
  const ctr = parseNumber(b, kid.end, config);
  return { kid: kid.value, ctr: ctr.value, length: ctr.end };
}

function parseNumber(b: Uint8Array, from: number, field: number): { value: bigint; end: number } {
  const low = field & fieldMask;
  if ((field & extended) === 0) return { value: BigInt(low), end: from };
  const end = from + low + 1;
  if (end > b.length) throw new FrameError('malformed');
  let value = 0n;
  for (const c of b.subarray(from, end)) value = (value << 8n) | BigInt(c);
  if (value <= maxInline || b[from] === 0) throw new FrameError('malformed');
  return { value, end };
}
