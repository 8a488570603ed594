// What the page shows of a name or a line is what Go shows, and what the key logic compares: one set of vectors for all.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { NAME_LIMIT } from '../../src/call/profile.ts';
import { cleanLine, cleanLines } from '../../src/call/said.ts';

interface Vector {
  what: string;
  in: string;
  limit: number;
  out: string;
}
const file = new URL('../../../olmkeys/testdata/text.json', import.meta.url);
const vectors: { names: Vector[]; lines: Vector[] } = JSON.parse(readFileSync(file, 'utf8'));

describe('text is cleaned as in Go', () => {
  test.each(vectors.names)('a name: $what', ({ in: text, out }) => {
    expect(cleanLine(text, NAME_LIMIT)).toBe(out);
    expect(cleanLine(out, NAME_LIMIT)).toBe(out);
  });

  test.each(vectors.lines)('lines: $what', ({ in: text, limit, out }) => {
    expect(cleanLines(text, limit)).toBe(out);
    expect(cleanLines(out, limit)).toBe(out);
  });
});
