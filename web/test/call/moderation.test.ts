// Roles as the server says them, and what moderators ask of each other's pages.
import { beforeEach, expect, test } from 'vitest';
import { type Floor, Moderation, type Role } from '../../src/call/moderation.ts';
import { encodeSaid } from '../../src/call/said.ts';
import { Sealed } from '../../src/call/sealed.ts';
import type { Device, Member } from '../../src/wire.ts';

const device = (name: string): Device => ({ user: `@${name}:x`, device: name.toUpperCase(), join_id: name });
const [ada, ben, cleo] = [device('ada'), device('ben'), device('cleo')];
const as = (role: Role, who: Device): Member => ({ ...who, call_keys: '', sig: '', role });

let sent: object[];
let words: string[];
let said: [string, unknown, Device | null][];
let off: string[];
let problems: string[];
let sealed: Sealed;
let moderation: Moderation;
let names: Record<string, string | null>;

beforeEach(() => {
  [sent, said, off, problems, words, names] = [[], [], [], [], [], { eve: 'Eve' }];
  sealed = new Sealed({ ready: () => true, name: () => 'Ada', now: () => 0 });
  sealed.speakThrough({
    self: ada,
    people: {
      find: ({ device: id }) => [ben, cleo].find((d) => d.device === id) ?? null,
      name: ({ device: d }) => d,
      reaches: () => true,
    },
    sayToAll: (kind, body) => void said.push([kind, JSON.parse(atob(body)), null]),
    sayTo: (kind, body, to) => void said.push([kind, JSON.parse(atob(body)), to]),
  });
  moderation = new Moderation(sealed, {
    switchOff: (what) => off.push(what) > 0,
    heardFromMain: (body) => words.push(body),
    problem: ({ code }) => problems.push(code),
  });
  const floor: Floor = {
    self: ada,
    order: async (request) => void sent.push(request),
    openKnock: async ({ body }) => names[body] ?? null,
  };
  moderation.standOn(floor);
});

function enter(own: Role, others: Role = 'participant'): void {
  const members = [as(own, ada), as(others, ben)];
  moderation.entered({ type: 'joined', id: 1, seq: 1, roster_version: 1, members, locked: false, waiting_room: false });
}

const hear = (from: Device, kind: string, body: object, only = true) =>
  sealed.heard({ type: 'heard', from, kind, body: encodeSaid(body), private: only });

test('one knows one’s own role and those of others, as they change', () => {
  enter('moderator');
  expect([moderation.role.value, moderation.roleOf(ben), moderation.above(ben), moderation.replaceable()]).toEqual([
    'moderator',
    'participant',
    true,
    false,
  ]);
  moderation.ordered({ type: 'role', seq: 2, device: ben, role: 'moderator' });
  expect([moderation.above(ben), moderation.replaceable()]).toEqual([false, true]);
  moderation.roster([ben], [as('viewer', cleo)]);
  expect([moderation.roleOf(ben), moderation.roleOf(cleo)]).toEqual(['participant', 'viewer']);
});

test('becoming a viewer switches everything off, and is told', () => {
  enter('participant');
  moderation.ordered({ type: 'role', seq: 2, device: ada, role: 'viewer' });
  expect(off).toEqual(['mic', 'camera', 'screen']);
  expect(moderation.done.value).toMatchObject({ what: 'viewer' });
});

test('a moderator is obeyed, anybody else is not; nothing is ever switched on', () => {
  enter('participant');
  hear(ben, 'grotto.ask', { off: 'mic' });
  expect(off).toEqual([]);
  moderation.ordered({ type: 'role', seq: 2, device: ben, role: 'moderator' });
  for (const body of [{ on: 'mic' }, { off: 'everything' }, { off: ['mic'] }]) hear(ben, 'grotto.ask', body);
  expect(off).toEqual([]);
  hear(ben, 'grotto.ask', { off: 'mic' });
  expect(off).toEqual(['mic']);
  expect(moderation.done.value).toMatchObject({ what: 'mic', by: 'BEN' });
});

test('who runs the server may have something switched off, which is told once', () => {
  enter('moderator');
  moderation.ordered({ type: 'switch_off', seq: 2, source: 'mic' });
  expect([off, moderation.done.value]).toEqual([['mic'], { id: 1, what: 'mic', by: null }]);
});

test('that the server restarts in a while is told, and changes nothing', () => {
  enter('moderator');
  moderation.ordered({ type: 'stopping', seq: 2, seconds: 600 });
  expect([problems, off]).toEqual([['server_stops'], []]);
});

test('what is meant for all is not for moderators', () => {
  enter('moderator', 'moderator');
  hear(ben, 'grotto.ask', { off: 'mic' }, false);
  expect(off).toEqual([]);
  hear(ben, 'grotto.ask', { off: 'camera' });
  expect(off).toEqual(['camera']);
});

test('asking goes sealed, the rest to the server', () => {
  enter('moderator');
  moderation.switchOff(ben, 'mic');
  moderation.switchAllOff('mic');
  expect(said).toEqual([
    ['grotto.ask', { off: 'mic' }, ben],
    ['grotto.ask', { off: 'mic' }, null],
  ]);
  moderation.setLocked(true);
  moderation.ordered({ type: 'room_state', seq: 2, locked: true, waiting_room: false });
  moderation.setWaitingRoom(true);
  moderation.admit(3, true);
  moderation.setRole(ben, 'viewer');
  moderation.expel(ben);
  moderation.expel(cleo); // nobody who is here, and below: the server will say so
  moderation.endForEveryone();
  expect(sent.map((request) => JSON.stringify(request))).toEqual(
    [
      { type: 'set_room', locked: true, waiting_room: false },
      { type: 'set_room', locked: true, waiting_room: true },
      { type: 'admit', knock: 3, admit: true },
      { type: 'set_role', device: ben, role: 'viewer' },
      { type: 'expel', device: ben },
      { type: 'expel', device: cleo },
      { type: 'end_call' },
    ].map((request) => JSON.stringify(request)),
  );
});

test('who knocks is shown by the name that opens, cleaned; an older list does not come over a newer', async () => {
  enter('moderator');
  names.mal = `\u202eMal${'x'.repeat(100)}`;
  const knock = (id: number, body?: string) => ({ knock: id, user: '@g:x', device: 'G', ...(body ? { body } : {}) });
  const told = (waiting: ReturnType<typeof knock>[]) => moderation.ordered({ type: 'knocks', seq: 2, waiting });
  told([knock(1, 'eve'), knock(2, 'other'), knock(3), knock(4, 'mal')]);
  await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve));
  expect(moderation.knocks.value.map(({ name }) => name)).toEqual(['Eve', null, null, `Mal${'x'.repeat(61)}`]);
  told([knock(1, 'eve')]);
  told([]);
  await new Promise((resolve) => setTimeout(resolve));
  expect(moderation.knocks.value).toEqual([]);
});

test('a word from the main room, and one to a breakout room, go their way', () => {
  enter('moderator');
  moderation.ordered({ type: 'from_main', seq: 2, body: 'c2VhbGVk' });
  moderation.tellBreakout('blue--one', 'c2VhbGVk');
  expect([words, sent]).toEqual([['c2VhbGVk'], [{ type: 'tell_breakout', room: 'blue--one', body: 'c2VhbGVk' }]]);
});
