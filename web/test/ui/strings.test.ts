import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import de from '../../src/ui/strings/de/index.ts';
import { en } from '../../src/ui/strings/en/index.ts';
import es from '../../src/ui/strings/es/index.ts';
import fr from '../../src/ui/strings/fr/index.ts';
import { begin, choose, preferred } from '../../src/ui/strings/languages.ts';
import { problemWords } from '../../src/ui/strings/problem.ts';
import { type Catalogue, type Key, known, spokenLanguage, text, textCount } from '../../src/ui/strings/text.ts';

const folder = new URL('../../src/ui/', import.meta.url);
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !/^strings\/[a-z]{2}\//.test(file))
  .map((file) => readFileSync(new URL(file, folder), 'utf8'))
  .join('\n');

const catalogues: [string, Catalogue][] = [
  ['en', en],
  ['de', de],
  ['fr', fr],
  ['es', es],
];
const entries = (catalogue: Catalogue) => Object.entries(catalogue) as [Key, string][];

test.each(catalogues)(
  'every string of %s begins as a sentence does, shouts nowhere, has no space to spare',
  (_, catalogue) => {
    for (const [key, value] of entries(catalogue)) {
      expect(value, key).not.toMatch(/!|\s\s|^\s|\s$|\.\.\./);
      if (!/^(home\.or|words\.or|toast\.more|link\.placeholder)/.test(key))
        expect(value, key).toMatch(/^[¿«„]?[\p{Lu}{]/u);
    }
  },
);

test.each(catalogues)('%s says everything, with the same values', (_, catalogue) => {
  const places = (value: string) => new Set(value.match(/\{\w+\}/g));
  expect(Object.keys(catalogue).sort()).toEqual(Object.keys(en).sort()); // two parts may not use one key
  for (const [key, value] of entries(catalogue)) {
    const [here, there] = [places(value), places(en[key])];
    if (key.endsWith('.one'))
      expect(
        [...here].filter((place) => !there.has(place) && place !== '{count}'),
        key,
      ).toEqual([]);
    else expect(here, key).toEqual(there);
  }
});

test.each(catalogues.slice(1))('what %s says is a translation', (_, catalogue) => {
  const same = entries(catalogue).filter(
    ([key, value]) => value === en[key] && value.replace(/\{\w+\}/g, '').length > 12,
  );
  expect(same).toEqual([]); // a longer string that is the same was forgotten
});

test('there is no word for “you” of the other kind', () => {
  for (const [key, value] of entries(de))
    expect(value, key).not.toMatch(/(?<!\p{L})(?:du|dich|dir|deine?[mnrs]?)(?!\p{L})/iu);
  for (const [key, value] of entries(fr)) expect(value, key).not.toMatch(/(?<!\p{L})(?:tu|toi|ton|tes)(?!\p{L})/iu);
  for (const [key, value] of entries(es)) expect(value, key).not.toMatch(/(?<!\p{L})(?:usted|ustedes)(?!\p{L})/iu);
});

test('French stands off its high signs, and never lets one begin a line', () => {
  for (const [key, value] of entries(fr)) expect(value, key).not.toMatch(/[ \u00a0][:;?»%]|«[ \u00a0]/);
});

test('a language is the one chosen, else the browser’s first that there is, else English', () => {
  expect(preferred(['nl', 'de-AT', 'fr'], null)).toBe('de');
  expect(preferred(['de'], 'es')).toBe('es');
  expect(preferred(['toString', ''], 'x')).toBe('en');
});

test('another language is spoken at once', async () => {
  await begin(['fr-CA']);
  expect([spokenLanguage(), text('call.leave'), textCount('people.count', 2)]).toEqual([
    'fr',
    'Quitter',
    '2 personnes',
  ]);
  await choose('en');
  expect([spokenLanguage(), text('call.leave')]).toEqual(['en', 'Leave']);
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
