import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { newMeetingURL } from '../../src/call/link.ts';
import { drawWords, newWords, readWords, WORDS, wordList } from '../../src/call/words.ts';

interface Vector {
  text: string;
  secret?: string;
  word?: string;
  position?: number;
  nearest?: string;
}

const go = (path: string) => fileURLToPath(new URL(`../../../olmkeys/wordlist/${path}`, import.meta.url));
const vectors = JSON.parse(readFileSync(go('testdata/vectors.json'), 'utf8')) as Vector[];

describe('the words', () => {
  test('are those that Go draws: the whole list but what has a dash', async () => {
    const words = await wordList();
    const file = readFileSync(go('eff_large.txt'), 'utf8');
    expect(createHash('sha256').update(file).digest('hex')).toMatch(/^6d557f0693958fb5/);
    expect(words).toEqual(file.split('\n').filter((word) => /^[a-z]+$/.test(word)));
    expect(words.length).toBe(7772);
  });

  test('come up equally often, over all numbers that can be drawn', async () => {
    const words = await wordList();
    const counts = new Map<string, number>();
    let n = 0;
    const each = () => n++ % 65_536;
    for (let drawn = 0; drawn < words.length; drawn++) {
      for (const word of drawWords(words, WORDS, each).split('-')) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    expect(counts.size).toBe(7772);
    expect(new Set(counts.values())).toEqual(new Set([8]));
  });

  test('make a secret that is read as it was drawn, and another each time', async () => {
    const secret = await newWords();
    expect(secret).toMatch(/^[a-z]+(-[a-z]+){7}$/);
    expect(await readWords(secret)).toEqual({ ok: true, fragment: secret });
    expect(await newWords()).not.toBe(secret);
  });

  test('make a link that can be said from one end to the other', async () => {
    expect(await newMeetingURL('https://meet.example', { words: true })).toMatch(
      /^https:\/\/meet\.example\/r\/[a-z]+(-[a-z]+){2}#[a-z]+(-[a-z]+){7}$/,
    );
  });
});

describe('what a person typed', () => {
  test.each(vectors.map((v) => [v.text.slice(0, 60), v] as const))('is read as Go reads it: %j', async (_, vector) => {
    const { text, secret, word, position = 0, nearest = '' } = vector;
    const read = await readWords(text);
    if (secret !== undefined) expect(read).toEqual({ ok: true, fragment: secret });
    else if (word !== undefined) expect(read).toEqual({ ok: false, fault: 'unknown', word, position, nearest });
    else expect(read).toMatchObject({ ok: false, fault: 'count' });
  });

  test('is told how many words it has', async () => {
    expect(await readWords('abacus zoom')).toEqual({ ok: false, fault: 'count', count: 2 });
    expect(await readWords('')).toEqual({ ok: false, fault: 'count', count: 0 });
  });
});
