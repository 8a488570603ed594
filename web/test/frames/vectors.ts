import { readFileSync } from 'node:fs';
import type { Bytes, Codec, Source } from '../../src/worker/frames/index.ts';

// The vectors have one copy, beside the Go package that owns the format.
const testdata = new URL('../../../mediacrypt/testdata/', import.meta.url);

interface FrameVector {
  name: string;
  source: Source;
  codec: Codec;
  kind: string;
  kid: string;
  ctr: string;
  base_key: string;
  sframe_key_label: string;
  sframe_salt_label: string;
  sframe_key: string;
  sframe_salt: string;
  nonce: string;
  header: string;
  aad: string;
  prefix: string;
  frame: string;
  sealed: string;
}

interface Altered {
  name: string;
  of: string;
  source: Source;
  codec: Codec;
  sealed: string;
  error: string;
}

interface AV1Kind {
  name: string;
  frame: string;
  kind: string;
}

interface FrameVectors {
  frames: FrameVector[];
  variants: Altered[];
  rejects: Altered[];
  av1_kinds: AV1Kind[];
}

interface RFCVectors {
  header: { kid: string; ctr: string; encoded: string }[];
  sframe: {
    kid: string;
    ctr: string;
    base_key: string;
    sframe_key: string;
    sframe_salt: string;
    nonce: string;
    metadata: string;
    aad: string;
    pt: string;
    ct: string;
  }[];
}

interface OrderVectors {
  cases: {
    name: string;
    frames: { kid: string; ctr: string; timestamp: number; track: number; accepted: boolean }[];
  }[];
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, testdata), 'utf8'));
}

export function readFrames(name: string): FrameVectors {
  return read(name) as FrameVectors;
}

export function readRFC(name: string): RFCVectors {
  return read(name) as RFCVectors;
}

export function readOrder(name: string): OrderVectors {
  return read(name) as OrderVectors;
}

export function bytes(hex: string): Bytes {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

export function hex(b: ArrayBuffer | Uint8Array): string {
  return Buffer.from(b instanceof Uint8Array ? b : new Uint8Array(b)).toString('hex');
}

/** The frames of a committed clip: IVF has a header of 32 bytes, and 12 before each frame, its length first. */
export function clip(name: string): Bytes[] {
  const b = new Uint8Array(readFileSync(new URL(`clips/${name}.ivf`, testdata)));
  const view = new DataView(b.buffer);
  const found: Bytes[] = [];
  for (let at = 32; at < b.length; ) {
    const end = at + 12 + view.getUint32(at, true);
    found.push(b.slice(at + 12, end));
    at = end;
  }
  return found;
}
