import { describe, expect, test } from 'vitest';
import { opening } from '../../../src/ui/recording/webm.ts';

const bytes = (...parts: (number | number[])[]) => Uint8Array.from(parts.flat());
const ebml = [0x1a, 0x45, 0xdf, 0xa3, 0x84, 0x42, 0x86, 0x81, 1];
const segment = [0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]; // of unknown size
const scale = [0x2a, 0xd7, 0xb1, 0x83, 0x0f, 0x42, 0x40]; // a millisecond
const app = [0x4d, 0x80, 0x82, 0x68, 0x69];
const info = (...children: number[][]) => [0x15, 0x49, 0xa9, 0x66, 0x80 | children.flat().length, ...children.flat()];
const cluster = [0x1f, 0x43, 0xb6, 0x75, 0xff, 1, 2, 3];

describe('the length of a file', () => {
  test('gets a place where there is none, before what was there', () => {
    const file = bytes(ebml, segment, info(scale, app), cluster);
    const open = opening(file);
    if (!open) throw new Error('not read');
    expect(open.bytes.length).toBe(file.length + 11 + 7);
    expect([...open.bytes.subarray(open.position - 3, open.position)]).toEqual([0x44, 0x89, 0x88]);
    expect([...open.bytes.subarray(-cluster.length)]).toEqual(cluster);
    const written = open.length(12.5);
    open.bytes.set(written, open.position);
    expect(new DataView(open.bytes.buffer).getFloat64(open.position)).toBe(12_500);
    // What was made can be read again: the place is found.
    expect(opening(open.bytes)?.position).toBe(open.position);
  });

  test('is written where a place was left', () => {
    const file = bytes(ebml, segment, info(scale, [0x44, 0x89, 0x84, 0, 0, 0, 0], app), cluster);
    const open = opening(file);
    expect(open?.bytes).toBe(file);
    expect([...(open?.length(1) ?? [])]).toEqual([0x44, 0x7a, 0, 0]); // 1000 as a float of 4 bytes
    expect([...file.subarray(open?.position ?? 0).slice(0, 4)]).toEqual([0, 0, 0, 0]);
  });

  test('is written behind the empty index that Firefox begins with; what an index points at is not moved', () => {
    const index = [0x11, 0x4d, 0x9b, 0x74, 0x01, 0, 0, 0, 0, 0, 0, 0];
    const file = bytes(ebml, segment, index, info(scale, [0x44, 0x89, 0x88, 0, 0, 0, 0, 0, 0, 0, 0]), cluster);
    const open = opening(file);
    expect(open?.bytes).toBe(file);
    file.set(open?.length(2) ?? [], open?.position);
    expect(new DataView(file.buffer).getFloat64(ebml.length + segment.length + index.length + 15)).toBe(2000);
    expect(opening(bytes(ebml, segment, index, info(scale, app), cluster))).toBeNull();
  });

  test('is let be where it is not the beginning of such a file', () => {
    const known = [0x18, 0x53, 0x80, 0x67, 0x90];
    const long = [0x15, 0x49, 0xa9, 0x66, 0xff - 1];
    for (const other of [
      bytes(),
      bytes([0]),
      bytes(ebml),
      bytes(segment, info(scale)),
      bytes(ebml, known, info(scale), cluster),
      bytes(ebml, segment, long, scale),
      bytes(ebml, segment, cluster),
      bytes(ebml, segment, info([0x44, 0x89, 0x83, 0, 0, 0])),
      bytes(ebml, segment, info([0x4d, 0x80, 0x90, 1])),
    ]) {
      expect(opening(other)).toBeNull();
    }
  });
});
