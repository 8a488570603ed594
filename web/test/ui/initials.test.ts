import { expect, test } from 'vitest';
import { AVATAR_GROUNDS, avatarGround, initials } from '../../src/ui/stage/initials.ts';

test.each([
  ['Ana Lindqvist', 'AL'],
  ['ana', 'A'],
  ['Ines de la Torre', 'IT'],
  ['  Ben   Okafor ', 'BO'],
  ['Émile (Zola)', 'ÉZ'],
  ['日本 太郎', '日太'],
  ['👩‍🚀 Ada', '👩‍🚀A'],
  ['"Q"', 'Q'],
  ['', '?'],
  ['...', '?'],
])('%j becomes %j', (name, expected) => {
  expect(initials(name)).toBe(expected);
});

test('a ground is one of those there are, and the same each time', () => {
  const grounds = new Set<number>();
  for (let n = 0; n < 200; n++) {
    const ground = avatarGround(`@guest${n}:localhost`);
    expect(ground).toBe(avatarGround(`@guest${n}:localhost`));
    grounds.add(ground);
  }
  expect([...grounds].sort()).toEqual(Array.from({ length: AVATAR_GROUNDS }, (_, n) => n));
});
