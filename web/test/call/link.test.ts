// The link's secret: where it comes from, what a tab keeps of it, and that a changed one takes the place of the old.
import { expect, test } from 'vitest';
import type { EngineClient } from '../../src/call/engine_client.ts';
import { Link } from '../../src/call/link.ts';
import { storedSecret, storeSecret } from '../../src/call/stored.ts';
import { FakeStorage } from './fake_storage.ts';

function bench(hash = '', kept: string | null = null, search = '', pathname = '/r/blue') {
  const storage = new FakeStorage();
  if (kept !== null) storeSecret(storage, 'blue', kept);
  const given: string[] = [];
  const forgotten: string[] = [];
  const engine = {
    trouble: null,
    setSecret: async (secret: string) => {
      given.push(secret);
      return `sealed ${secret}`;
    },
    restoreSecret: async (sealed: string) => void given.push(sealed),
    readSecret: async () => 'new',
    forget: (sealed: string) => void forgotten.push(sealed),
  } as unknown as EngineClient;
  const location = { pathname, search, hash, origin: 'https://meet.example' } as Location;
  const shown: string[] = [];
  Object.assign(globalThis, {
    history: { state: null, replaceState: (_: unknown, __: string, url: string) => shown.push(url) },
  });
  return { link: new Link(location, storage), engine, storage, given, forgotten, shown };
}

test('a link without a secret is opened by one that was told, which never stands in the address bar', async () => {
  const { link, engine, storage, given } = bench();
  expect(link.incomplete()?.code).toBe('no_secret');
  expect(link.incomplete('eight-words')).toBeNull();
  expect(await link.handOver(engine, 'eight-words')).toBeNull();
  expect(given).toEqual(['eight-words']);
  expect(storedSecret(storage, 'blue')).toBe('sealed eight-words');
});

test.each([
  ['new-box', 'new-box'],
  ['', null], // a browser that keeps nothing: a reload asks for the link, rather than opening the old one
])('once the link was changed, a reload does not find the old secret: %j', async (sealed, found) => {
  const { link, engine, storage, forgotten } = bench('', 'old-box');
  await link.handOver(engine);
  link.change(engine, sealed);
  expect(forgotten).toEqual(['old-box']);
  expect(storedSecret(storage, 'blue')).toBe(found);
  expect(await link.url(engine)).toBe('https://meet.example/r/blue#new');
});

test.each(['?token=a.b.c', '?jwt=a.b.c'])(
  'a join token leaves the address at once and stays in the tab: %s',
  async (search) => {
    const { link, engine, storage, shown } = bench('#secret', null, `${search}&codec=vp9`);
    expect(link.token).toBe('a.b.c');
    expect(shown).toEqual(['/r/blue?codec=vp9#secret']);
    await link.handOver(engine);
    expect(shown.at(-1)).toBe('/r/blue?codec=vp9');
    expect(await link.url(engine)).not.toContain('a.b.c'); // it is nobody else's
    const again = (pathname: string) => new Link({ pathname, search: '', hash: '', origin: '' }, storage).token;
    expect(again('/r/blue')).toBe('a.b.c');
    expect(again('/r/blue--1-x')).toBe('a.b.c');
    expect(again('/r/red')).toBe('');
    new Link({ pathname: '/r/blue--1-x', search: '', hash: '', origin: '' }, storage).forget(engine);
    expect(again('/r/blue')).toBe('a.b.c');
    link.forget(engine);
    expect(again('/r/blue')).toBe('');
  },
);

test('an address without a token is left as it is', () => {
  expect(bench('#secret', null, '?embedded').shown).toEqual([]);
});
