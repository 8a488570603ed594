import { describe, expect, test } from 'vitest';
import type { Bytes } from '../../src/worker/frames/index.ts';
import { fromUnit, toUnit } from '../../src/worker/frames/nal.ts';

/** H.264 §7.4.1 word for word. */
function escapedSlowly(b: Bytes): number[] {
  const out: number[] = [];
  let zeros = 0;
  for (const byte of b) {
    if (zeros === 2 && byte <= 3) {
      out.push(3);
      zeros = 0;
    }
    out.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return [...out, 0x80];
}

/** Every text of up to this many of the bytes that matter. */
function* texts(length: number): Generator<number[]> {
  yield [];
  if (length === 0) return;
  for (const rest of texts(length - 1)) for (const byte of [0, 1, 3, 4]) yield [byte, ...rest];
}

function taken(unit: Bytes): number[] | null {
  try {
    return [...fromUnit(unit)];
  } catch {
    return null;
  }
}

describe('NAL units', () => {
  test('every sealed frame has one form, and it holds no start code', () => {
    for (const text of texts(5)) {
      const unit = toUnit([7], Uint8Array.from(text));
      expect([...unit]).toEqual([7, ...escapedSlowly(Uint8Array.from(text))]);
      expect([...fromUnit(unit.subarray(1))]).toEqual(text);
      const given = Uint8Array.from([...text, 0x80]);
      const read = taken(given);
      if (read) expect([...toUnit([], Uint8Array.from(read))]).toEqual([...given]);
    }
  });

  test('an end that is missing, and escapes that are not ours', () => {
    for (const bad of [[], [1, 2], [0, 0, 1, 0x80], [0, 0, 3, 0x80], [0, 0, 3, 4, 0x80], [0, 0, 0, 0x80]]) {
      expect(taken(Uint8Array.from(bad)), bad.join()).toBeNull();
    }
  });
});
