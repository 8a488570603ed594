import { signal } from '@preact/signals';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FOLLOW_KIND, Follow } from '../../src/call/follow.ts';
import type { Said } from '../../src/call/sealed.ts';
import type { Layout } from '../../src/call/stage.ts';
import type { Device } from '../../src/wire.ts';
import { fakeTile } from '../ui/fake.ts';

const boss: Device = { user: '@boss:x', device: 'BOSS', join_id: 'AAAA' };
const guest: Device = { user: '@guest:x', device: 'GUEST', join_id: 'BBBB' };
const ben = fakeTile(1);
const screen = fakeTile(1, { key: 'screen', kind: 'screen' });
const self = fakeTile(0, { self: true });

function bench() {
  const said: object[] = [];
  let hear = (_: Said) => {};
  const acts: Record<'reached' | 'left' | 'end', (device: Device) => void> = {
    reached: () => {},
    left: () => {},
    end: () => {},
  };
  const layout = signal<Layout>('grid');
  const pinned = signal<string | null>(null);
  const bosses = signal([boss.user, self.user]);
  const follow = new Follow({
    sealed: {
      hear: (kind, _, act) => {
        expect(kind).toBe(FOLLOW_KIND);
        hear = act;
      },
      toAll: (_, body) => void said.push(body),
      onReached: (act) => {
        acts.reached = act;
      },
      onLeft: (act) => {
        acts.left = act;
      },
      onEnd: (act) => {
        acts.end = () => act();
      },
    },
    moderates: ({ user }) => bosses.value.includes(user),
    mayLead: () => bosses.value.includes(self.user),
    tiles: signal([self, ben, screen]),
    layout,
    pinned,
    look: (to, large) => {
      layout.value = to;
      pinned.value = large;
    },
  });
  const from = (device: Device, body: Record<string, unknown>) =>
    hear({ from: device, name: device.device, body, only: false });
  return { follow, said, layout, pinned, bosses, from, acts };
}

const large = ({ user, device, kind }: typeof ben) => ({ user, device, screen: kind === 'screen' });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('who leads says how they look, when that changes, and to newcomers; who does not lead says nothing', () => {
  const { follow, said, layout, pinned, acts } = bench();
  layout.value = 'speaker';
  acts.reached(guest);
  vi.advanceTimersByTime(1000);
  expect(said).toEqual([]);
  follow.lead(true);
  expect(said).toEqual([{ on: true, layout: 'speaker', large: null }]);
  pinned.value = ben.key;
  pinned.value = screen.key;
  vi.advanceTimersByTime(1000);
  expect(said.slice(1)).toEqual([{ on: true, layout: 'speaker', large: large(screen) }]);
  acts.reached(guest);
  vi.advanceTimersByTime(1000);
  expect(said.length).toBe(3);
  follow.lead(false);
  expect(said.at(-1)).toEqual({ on: false });
  layout.value = 'grid';
  vi.advanceTimersByTime(1000);
  expect(said.length).toBe(4);
});

test('a moderator is followed, and nobody else', () => {
  const { follow, from, layout, pinned } = bench();
  from(guest, { on: true, layout: 'speaker', large: large(ben) });
  expect([layout.value, pinned.value, follow.leader.value]).toEqual(['grid', null, null]);
  from(boss, { on: true, layout: 'speaker', large: large(ben) });
  expect([layout.value, pinned.value, follow.leader.value]).toEqual(['speaker', ben.key, 'BOSS']);
  from(guest, { on: false });
  expect(follow.leader.value).toBe('BOSS');
  from(boss, { on: false });
  expect([follow.leader.value, pinned.value]).toEqual([null, ben.key]);
});

test('one may look for oneself, and follow again', () => {
  const { follow, from, layout, pinned } = bench();
  from(boss, { on: true, layout: 'grid', large: null });
  follow.setFollows(false);
  from(boss, { on: true, layout: 'speaker', large: large(screen) });
  expect([layout.value, pinned.value]).toEqual(['grid', null]);
  follow.setFollows(true);
  expect([layout.value, pinned.value]).toEqual(['speaker', screen.key]);
});

test('whoever began last leads; who left leads no longer, and after the call nobody does', () => {
  const { follow, from, said, acts } = bench();
  follow.lead(true);
  from(boss, { on: true, layout: 'grid', large: null });
  expect(follow.leading.value).toBe(false);
  vi.advanceTimersByTime(1000);
  expect(said.length).toBe(1);
  acts.left(guest);
  expect(follow.leader.value).toBe('BOSS');
  acts.left(boss);
  expect(follow.leader.value).toBeNull();
  follow.lead(true);
  acts.end(boss);
  expect(follow.leading.value).toBe(false);
});

test('what makes no sense, or names nobody here or oneself, makes nobody large', () => {
  const { from, layout, pinned } = bench();
  for (const odd of [{}, { large: 7 }, { large: { user: 1, device: [] } }, { large: large(self), layout: 'x' }]) {
    pinned.value = ben.key;
    from(boss, { on: true, ...odd });
    expect([layout.value, pinned.value]).toEqual(['grid', null]);
  }
});

test('whoever moderates no more neither leads nor is followed', () => {
  const { follow, from, bosses } = bench();
  follow.lead(true);
  bosses.value = [boss.user];
  expect(follow.leading.value).toBe(false);
  from(boss, { on: true, layout: 'grid', large: null });
  expect(follow.leader.value).toBe('BOSS');
  bosses.value = [];
  expect(follow.leader.value).toBeNull();
});
