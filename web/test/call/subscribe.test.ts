import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Received, Subscriber } from '../../src/call/subscribe.ts';
import type { Device, SubscribeOffer, Subscription } from '../../src/wire.ts';
import { FakeConnection, fakeEngine } from './fake_connection.ts';

const ada: Device = { user: '@ada:x', device: 'ADA', join_id: 'AAAA' };
const ben: Device = { user: '@ben:x', device: 'BEN', join_id: 'BBBB' };
const carries = (mid: string, from: Device, source: Subscription['source'] = 'camera'): Subscription => ({
  mid,
  from,
  source,
  codec: source === 'mic' ? 'opus' : 'vp8',
});
const offer = (n: number, sdp: string, ...tracks: Subscription[]): SubscribeOffer => ({
  type: 'subscribe_offer',
  seq: n,
  offer: n,
  sdp,
  tracks,
});

beforeEach(() => {
  vi.stubGlobal('MediaStream', class {});
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function bench(api: 'script' | 'streams' = 'script', refuse = () => false) {
  const connection = new FakeConnection();
  const { log } = connection;
  let received: Received[] = [];
  const subscriber = new Subscriber({
    connect: () => connection.asConnection(),
    engine: fakeEngine(log, refuse),
    api,
    answer: async (number) => void log.push(`answered ${number}`),
    changed: (now) => {
      received = now;
    },
    refused: () => log.push('refused'),
  });
  const shown = () => received.map((r) => `${r.source} ${r.from.device}`);
  return { connection, log, subscriber, shown, streams: () => received.map((r) => r.stream) };
}

describe('subscribing', () => {
  test('a transform stands before the answer', async () => {
    const { log, subscriber, shown } = bench();
    await subscriber.offer(offer(1, '0 1', carries('0', ada, 'mic'), carries('1', ada)));
    expect(log).toEqual(['remote offer 0 1', 'open mic opus ADA', 'open camera vp8 ADA', 'answer', 'answered 1']);
    expect(shown()).toEqual(['mic ADA', 'camera ADA']);
  });

  test('of several offers only the newest is answered after the one being applied', async () => {
    const { log, subscriber } = bench();
    const first = subscriber.offer(offer(1, '0', carries('0', ada)));
    await Promise.all([subscriber.offer(offer(2, '0 1')), subscriber.offer(offer(3, '0 2', carries('2', ben))), first]);
    expect(log.filter((line) => line.startsWith('answered'))).toEqual(['answered 1', 'answered 3']);
  });

  test('an m-line that the server does not name is switched off and not shown', async () => {
    const { connection, subscriber, shown } = bench();
    await subscriber.offer(offer(1, '0 1', carries('0', ada)));
    expect(connection.transceivers.map((t) => t.direction)).toEqual(['recvonly', 'inactive']);
    expect(shown()).toEqual(['camera ADA']);
  });

  test.each([
    ['script', 'open camera vp8 BEN'],
    ['streams', 'rebind camera BEN'],
  ] as const)(
    'an m-line that the server did not name has a transform from the first, so it may carry (%s)',
    async (api, line) => {
      const { connection, log, subscriber, shown } = bench(api);
      const applied = subscriber.offer(offer(1, '0'));
      expect(log).toEqual(['remote offer 0', 'open camera vp8 nobody']); // as the receiver is made, and not later
      await applied;
      await subscriber.offer(offer(2, '0'));
      await subscriber.offer(offer(3, '0', carries('0', ben)));
      expect(log.filter((entry) => /open|rebind|refused/.test(entry))).toEqual(['open camera vp8 nobody', line]);
      expect(connection.transceivers[0]?.direction).toBe('recvonly');
      expect(shown()).toEqual(['camera BEN']);
    },
  );

  test('a receiver without a transform is switched off and not shown', async () => {
    const { connection, log, subscriber, shown } = bench('script', () => true);
    await subscriber.offer(offer(1, '0', carries('0', ada)));
    expect(connection.transceivers[0]?.direction).toBe('inactive');
    expect(shown()).toEqual([]);
    expect(log).toContain('refused');
  });

  test('the same track keeps its transform and its stream', async () => {
    const { log, subscriber, streams } = bench();
    await subscriber.offer(offer(1, '0', carries('0', ada)));
    const before = streams();
    await subscriber.offer(offer(2, '0 1', carries('0', ada), carries('1', ben)));
    expect(log.filter((line) => line.startsWith('open'))).toEqual(['open camera vp8 ADA', 'open camera vp8 BEN']);
    expect(streams()[0]).toBe(before[0]);
  });

  test.each([
    ['script', 'open camera vp8 BEN'],
    ['streams', 'rebind camera BEN'],
  ] as const)('an m-line that changes hands gets a transform of its own (%s)', async (api, line) => {
    const { log, subscriber, shown, streams } = bench(api);
    await subscriber.offer(offer(1, '0', carries('0', ada)));
    const before = streams();
    await subscriber.offer(offer(2, '0', carries('0', ben)));
    expect(log).toContain(line);
    expect(shown()).toEqual(['camera BEN']);
    expect(streams()[0]).not.toBe(before[0]);
  });

  test('an m-line that rested carries again', async () => {
    const { connection, log, subscriber, shown } = bench('streams');
    await subscriber.offer(offer(1, '0', carries('0', ada)));
    await subscriber.offer(offer(2, '0'));
    expect(connection.transceivers[0]?.direction).toBe('inactive');
    await subscriber.offer(offer(3, '0', carries('0', ben)));
    expect(connection.transceivers[0]?.direction).toBe('recvonly');
    expect(shown()).toEqual(['camera BEN']);
    expect(log).not.toContain('refused');
  });

  test("an m-line that rested carries the same person's next screen", async () => {
    const { connection, subscriber, shown } = bench();
    await subscriber.offer(offer(1, '0', carries('0', ada, 'screen')));
    await subscriber.offer(offer(2, '0'));
    await subscriber.offer(offer(3, '0', carries('0', ada, 'screen')));
    expect(connection.transceivers[0]?.direction).toBe('recvonly');
    expect(shown()).toEqual(['screen ADA']);
  });

  test('the same device under another join id is another device', async () => {
    const { log, subscriber } = bench();
    await subscriber.offer(offer(1, '0', carries('0', ada)));
    await subscriber.offer(offer(2, '0', carries('0', { ...ada, join_id: 'CCCC' })));
    expect(log.filter((line) => line.startsWith('open')).length).toBe(2);
  });

  test('a track that is no longer there is no longer shown', async () => {
    const { subscriber, shown } = bench();
    await subscriber.offer(offer(1, '0', carries('0', ada)));
    await subscriber.offer(offer(2, '0'));
    expect(shown()).toEqual([]);
  });
});
