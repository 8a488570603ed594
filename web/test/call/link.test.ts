// The link's secret: where it comes from, what a tab keeps of it, and that a changed one takes the place of the old.
import { expect, test } from 'vitest';
import type { EngineClient } from '../../src/call/engine_client.ts';
import { Link } from '../../src/call/link.ts';
import { storedSecret, storeSecret } from '../../src/call/stored.ts';
import { FakeStorage } from './fake_storage.ts';

function bench(hash = '', kept: string | null = null) {
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
  const location = { pathname: '/r/blue', search: '', hash, origin: 'https://meet.example' } as Location;
  Object.assign(globalThis, { history: { state: null, replaceState: () => {} } });
  return { link: new Link(location, storage), engine, storage, given, forgotten };
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
