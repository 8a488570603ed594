import { expect, test } from 'vitest';
import { asTold, meetingName, replaceWord } from '../../src/ui/words/told.ts';

const words = 'abacus river lantern cello orbit velvet maple crisp';

test.each([
  [`amber otter hill ${words}`, { name: 'amber-otter-hill', words }],
  [`Amber-Otter-Hill, ${words.replaceAll(' ', ', ')}`, { name: 'amber-otter-hill', words }],
  [`amber-otter-hill-${words.replaceAll(' ', '-')}`, { name: 'amber-otter-hill', words }],
  [`bcd-fghj-k2m ${words}`, { name: 'bcd-fghj-k2m', words }],
  [words, { name: '', words }],
  ['hello there', { name: '', words: 'hello there' }],
])('%j was told', (typed, told) => {
  expect(asTold(typed)).toEqual(told);
});

test.each([
  '',
  'hello',
  'https://meet.example.org/r/amber-otter#AAECAwQFBgcICQoLDA0ODw',
  '/r/amber-otter',
  'localhost:8080',
  'javascript:alert(1)',
])('%j is read as a link', (typed) => {
  expect(asTold(typed)).toBeNull();
});

test('a name is written as it stands in a link', () => {
  expect(meetingName(' Amber  Otter hill ')).toBe('amber-otter-hill');
  expect(meetingName('../r/x#y')).toBe('r-x-y');
  expect(meetingName(' - ')).toBe('');
});

test('one word is mended and nothing else', () => {
  expect(replaceWord('  Abacus, rivver\nlantern', 2, 'river')).toBe('  Abacus, river\nlantern');
  expect(replaceWord('a a a', 2, 'b')).toBe('a b a');
  expect(replaceWord('a b', 3, 'c')).toBe('a b');
});
