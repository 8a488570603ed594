// What a browser keeps of meetings: names; a secret, sealed, only where one said so.
import { expect, test } from 'vitest';
import type { EngineClient } from '../../src/call/engine_client.ts';
import { Link } from '../../src/call/link.ts';
import { KeptLink, Recent } from '../../src/call/recent.ts';
import { storedSecret } from '../../src/call/stored.ts';
import { FakeStorage } from './fake_storage.ts';

function bench() {
  const local = new FakeStorage();
  const recent = new Recent(local);
  const forgotten: string[] = [];
  const restored: string[] = [];
  let boxes = 0;
  const engine = {
    trouble: null,
    keepSecret: async ({ lasting = false } = {}) => `${lasting ? 'lasting' : 'day'} ${++boxes}`,
    restoreSecret: async (sealed: string) => {
      if (sealed.includes('gone')) throw new Error('the key of the sealed secret is gone');
      restored.push(sealed);
    },
    forget: (sealed: string) => void forgotten.push(sealed),
  } as unknown as EngineClient;
  return { local, recent, engine, forgotten, restored, kept: new KeptLink(recent, 'blue') };
}

const location = { pathname: '/r/blue', search: '', hash: '', origin: 'https://meet.example' } as Location;

test('a meeting that was joined is listed, the last one first, without a secret', async () => {
  const { local, recent, engine, kept } = bench();
  await kept.joined(engine, false);
  recent.note('green', 5, null);
  expect(recent.list.value.map(({ slug, complete }) => [slug, complete])).toEqual([
    ['green', false],
    ['blue', false],
  ]);
  expect(local.getItem('grotto.recent')).not.toContain('sealed');
});

test('one whose key is kept opens without its link, also after leaving it', async () => {
  const { recent, engine, kept, restored, forgotten } = bench();
  await kept.joined(engine, true);
  expect(recent.list.value[0]?.complete).toBe(true);
  const tab = new FakeStorage();
  const link = new Link(location, tab, new KeptLink(recent, 'blue'));
  expect(link.incomplete()).toBeNull();
  expect(await link.handOver(engine)).toBeNull();
  expect([restored, storedSecret(tab, 'blue')]).toEqual([['lasting 1'], 'day 2']);
  link.forget(engine);
  expect(forgotten).toEqual(['day 2']);
});

test('who no longer wants it kept is rid of it; a changed link is kept in the place of the old one', async () => {
  const { recent, engine, kept, forgotten } = bench();
  await kept.joined(engine, true);
  await kept.changed(engine);
  expect([recent.sealed('blue'), forgotten]).toEqual(['lasting 2', ['lasting 1']]);
  await kept.joined(engine, false);
  await kept.changed(engine);
  expect([recent.sealed('blue'), kept.kept.value, forgotten]).toEqual([null, false, ['lasting 1', 'lasting 2']]);
});

test('what does not open any more is said to need its link', async () => {
  const { recent, engine } = bench();
  recent.note('blue', 5, 'gone');
  const link = new Link(location, new FakeStorage(), new KeptLink(recent, 'blue'));
  expect((await link.handOver(engine))?.code).toBe('no_secret');
  expect(recent.list.value.map(({ complete }) => complete)).toEqual([false]);
});

test('a forgotten one leaves no trace', async () => {
  const { local, recent, engine, kept } = bench();
  await kept.joined(engine, true);
  recent.forget('blue');
  expect([recent.list.value, local.getItem('grotto.recent')]).toEqual([[], null]);
});

test.each(['{', '{}', '[1,null,{"slug":"../x","at":1},{"slug":"blue","at":"1"}]'])(
  'what is stored may be anything: %j',
  (text) => {
    const local = new FakeStorage();
    local.setItem('grotto.recent', text);
    expect(new Recent(local).list.value).toEqual([]);
    expect(new Recent(null).list.value).toEqual([]);
  },
);

test('the list does not grow without end', () => {
  const { recent } = bench();
  for (let i = 0; i < 40; i++) recent.note(`room-${i}`, i, null);
  expect(recent.list.value).toHaveLength(12);
  expect(recent.list.value[0]?.slug).toBe('room-39');
});
