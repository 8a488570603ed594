// Keys that the page sets: held over sessions, handed to the engine with each, refused in words.
import { expect, test } from 'vitest';
import { Engine, type EngineEvent } from '../../src/worker/engine.ts';
import { Host } from '../../src/worker/host.ts';
import type { FromWorker, ToWorker } from '../../src/worker/messages.ts';
import { FakeEngine, FakeIdentities, labels, StillClock } from './fake_parts.ts';

const key = (byte: number) => new Uint8Array(32).fill(byte);
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replace(/=+$/, '');
const open = { type: 'open', id: 9, room: '!r:x', call: 'Y2FsbA', user: '@ada:x', device: 'ADAADAADAA' } as const;

function bench() {
  const raw = new FakeEngine();
  const posted: FromWorker[] = [];
  const host = new Host({
    engine: new Engine(raw),
    crypto: labels,
    clock: new StillClock(),
    identities: new FakeIdentities(),
    newWords: async () => '',
    post: (message) => posted.push(message),
    pipe: () => {},
    secrets: { seal: async () => '', unseal: async () => '', forget: async () => {} },
  });
  const keys = () => raw.events.filter((e): e is Extract<EngineEvent, { type: 'set_key' }> => e.type === 'set_key');
  return { raw, posted, keys, say: (message: ToWorker) => host.handle(message) };
}

test('a call is opened without a secret, and gets the newest keys', async () => {
  const { raw, keys, say, posted } = bench();
  await say({ type: 'set_key', id: 1, generation: 1, key: key(1), user: '@ada:x' });
  await say({ type: 'set_key', id: 2, generation: 5, key: key(5), user: '@ada:x' });
  await say({ type: 'set_key', id: 3, generation: 1, key: key(2), user: '@ben:x' });
  expect(keys()).toEqual([]);
  await say({ ...open, keys: 'per_participant' });
  const { type: _, id: __, ...place } = open;
  expect(raw.opened).toEqual([{ ...place, keys: 'per_participant' }]);
  const both = [
    { type: 'set_key', user: '@ada:x', generation: 5, key: base64(key(5)) },
    { type: 'set_key', user: '@ben:x', generation: 1, key: base64(key(2)) },
  ];
  expect(keys()).toEqual(both);
  await say({ type: 'set_key', id: 4, generation: 2, key: key(3), user: '@ben:x' });
  expect(keys().at(-1)).toEqual({ type: 'set_key', user: '@ben:x', generation: 2, key: base64(key(3)) });
  expect(posted.filter((m) => m.type === 'key_set').map((m) => m.id)).toEqual([1, 2, 3, 4]);

  raw.events.length = 0; // the next session
  await say({ ...open, keys: 'per_participant' });
  expect(keys().map((k) => k.generation)).toEqual([5, 2]);
});

test('without a source, a call needs its secret, and keys stay out of it', async () => {
  const { keys, say, posted } = bench();
  await say(open);
  expect(posted).toMatchObject([{ type: 'refused', id: 9 }]);
  await say({ type: 'set_key', id: 1, generation: 1, key: key(1) });
  await say({ type: 'set_secret', id: 2, secret: 'good' });
  await say(open);
  expect(keys()).toEqual([]);
});

test.each([
  ['short', { generation: 2, key: key(1).slice(1) }],
  ['used before', { generation: 1, key: key(1) }],
  ['lower', { generation: 0, key: key(1) }],
  ['no integer', { generation: 1.5, key: key(1) }],
  ['too high', { generation: 2 ** 32, key: key(1) }],
])('a key that is %s is refused', async (_, bad) => {
  const { say, posted } = bench();
  await say({ type: 'set_key', id: 1, generation: 1, key: key(7) });
  await say({ type: 'set_key', id: 2, ...bad });
  expect(posted[1]).toMatchObject({ type: 'refused', id: 2, failure: { code: 'bad_key' } });
  expect(JSON.stringify(posted)).not.toContain(base64(bad.key).slice(0, 8));
});

test('what the engine refuses is refused', async () => {
  const { raw, say, posted } = bench();
  await say({ ...open, keys: 'shared' });
  raw.handle = () => '{"error":"olmkeys: a shared key is nobody\'s own"}';
  await say({ type: 'set_key', id: 1, generation: 1, key: key(1), user: '@ada:x' });
  expect(posted.at(-1)).toEqual({
    type: 'refused',
    id: 1,
    failure: { code: 'bad_key', message: "olmkeys: a shared key is nobody's own" },
  });
});

test('a passphrase is stretched for the room, once it is known', async () => {
  const { keys, say, posted } = bench();
  await say({ type: 'set_passphrase', id: 1, generation: 0, passphrase: 'x', salt: new Uint8Array(15) });
  await say({ type: 'set_passphrase', id: 2, generation: 0, passphrase: '', salt: new Uint8Array(16) });
  expect(posted.map((m) => m.type)).toEqual(['refused', 'refused']);
  await say({ type: 'set_passphrase', id: 3, generation: 0, passphrase: 'x', salt: new Uint8Array(16) });
  await say({ ...open, keys: 'shared' });
  await say({ ...open, keys: 'shared', room: '!other:x' });
  const [first, second] = keys();
  expect(Buffer.from(first?.key ?? '', 'base64').length).toBe(32);
  expect(first?.key).not.toBe(second?.key);
});
