import { expect, test } from 'vitest';
import { readLink } from '../../src/ui/home/link.ts';

const here = 'https://meet.example.org';
const secret = 'AAECAwQFBgcICQoLDA0ODw';
const words = 'yo-yo-abacus-river-lantern-cello-orbit-velvet-maple';

test.each([
  [`${here}/r/amber-otter#${secret}`, `${here}/r/amber-otter#${secret}`],
  [`  ${here}/r/amber-otter#${secret}\n`, `${here}/r/amber-otter#${secret}`],
  [`meet.example.org/r/amber-otter#${secret}`, `${here}/r/amber-otter#${secret}`],
  [`/r/amber-otter#${secret}`, `${here}/r/amber-otter#${secret}`],
  [`http://meet.example.org/r/amber-otter#${secret}`, `${here}/r/amber-otter#${secret}`],
  [`${here}/r/amber-otter?codec=vp9#${secret}`, `${here}/r/amber-otter?codec=vp9#${secret}`],
  [`${here}/r/amber-otter#${words}`, `${here}/r/amber-otter#${words}`],
])('%j is a link', (pasted, href) => {
  expect(readLink(pasted, here)).toEqual({ ok: true, href });
});

test.each([
  ['', 'empty'],
  ['   ', 'empty'],
  ['hello', 'not_a_link'],
  ['hello there', 'not_a_link'],
  ['javascript:alert(1)', 'not_a_link'],
  ['data:text/html,x', 'not_a_link'],
  [`${here}/x/amber#${secret}`, 'not_a_link'],
  [`${here}/r/a/b#${secret}`, 'not_a_link'],
  [here, 'no_room'],
  [`https://evil.example/r/amber#${secret}`, 'other_host'],
  [`//evil.example/r/amber#${secret}`, 'not_a_link'],
  [`https://meet.example.org@evil.example/r/amber#${secret}`, 'other_host'],
  [`${here}/r/amber-otter`, 'no_secret'],
  [`${here}/r/amber-otter#`, 'no_secret'],
  [`${here}/r/amber-otter#${secret.slice(1)}`, 'bad_secret'],
  [`${here}/r/amber-otter#one-two-three`, 'bad_secret'],
])('%j is refused as %s', (pasted, fault) => {
  expect(readLink(pasted, here)).toMatchObject({ ok: false, fault });
});

test('nothing pasted leads away from this origin', () => {
  for (const pasted of ['//evil.example/r/a', '/\\evil.example/r/a', 'evil.example/r/a', '/r/a//evil.example']) {
    const link = readLink(`${pasted}#${secret}`, here);
    if (link.ok) expect(new URL(link.href).origin).toBe(here);
  }
});

test('a server on localhost with a port works as well', () => {
  const local = 'http://localhost:8080';
  expect(readLink(`localhost:8080/r/amber#${secret}`, local)).toEqual({ ok: true, href: `${local}/r/amber#${secret}` });
});
