import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { en } from '../../src/ui/strings/en/index.ts';
import { problemWords } from '../../src/ui/strings/problem.ts';
import { known, text, textCount } from '../../src/ui/strings/text.ts';

const folder = new URL('../../src/ui/', import.meta.url);
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !/^strings\/[a-z]{2}\//.test(file))
  .map((file) => readFileSync(new URL(file, folder), 'utf8'))
  .join('\n');

test('every string begins as a sentence does, shouts nowhere and has no space to spare', () => {
  for (const [key, value] of Object.entries(en)) {
    expect(value, key).not.toMatch(/!|\s\s|^\s|\s$|\.\.\./);
    if (!/^(home\.or|words\.or|toast\.more|link\.placeholder)/.test(key)) expect(value, key).toMatch(/^[\p{Lu}{]/u);
  }
});

test('every string is used: by its key, or by a family whose key is put together', () => {
  const families = [...sources.matchAll(/`([a-z_]+(?:\.[a-z_]+)*\.)\$\{/g)].map((match) => match[1] ?? '');
  const hints = /\.hint$/;
  const unused = Object.keys(en).filter((key) => {
    const stem = key.replace(/\.(one|other)$/, '');
    return !sources.includes(`'${key}'`) && !sources.includes(`'${stem}'`) && !families.some((f) => key.startsWith(f));
  });
  expect(unused.filter((key) => !hints.test(key))).toEqual([]);
});

test('values are filled in, and a value is never read as a place for another', () => {
  expect(text('toast.joined', { names: '{names}' })).toBe('{names} joined');
  expect(text('tile.self', { name: 'Ana' })).toBe('Ana (you)');
  expect(textCount('toast.more', 1)).toBe('one more');
  expect(textCount('toast.more', 7)).toBe('7 more');
});

test('a key made at run time is looked up, not trusted', () => {
  expect(known('home.new')).toBe(true);
  expect(known('toString')).toBe(false);
  expect(known('problem.made_up')).toBe(false);
});

test('a problem is said in the catalogue’s words where it has them', () => {
  const own = { code: 'made_up', message: 'Something new.', hint: 'Do this.' };
  expect(problemWords(own)).toEqual(own);
  expect(problemWords({ code: 'share_denied', message: 'x', hint: 'y' }).message).toBe(en['problem.share_denied']);
  expect(problemWords({ code: 'insecure_context', message: 'x', hint: 'y' }).message).toContain('plain HTTP');
});
