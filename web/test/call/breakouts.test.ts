// Breakout rooms: who is sent where by whom, moved, and called back; and what is kept of it over a reload.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { newWordKey, openWord, sealWord } from '../../src/call/breakout_word.ts';
import { Breakouts, belongsTo, breakoutSlug, type Elsewhere, type MainRoom } from '../../src/call/breakouts.ts';
import type { Role } from '../../src/call/moderation.ts';
import { Notes } from '../../src/call/notes.ts';
import { bytesOfSaid, encodeSaid } from '../../src/call/said.ts';
import { Sealed } from '../../src/call/sealed.ts';
import type { Device } from '../../src/wire.ts';
import { FakeStorage } from './fake_storage.ts';

const device = (name: string): Device => ({ user: `@${name}:x`, device: name.toUpperCase(), join_id: name });
const [ada, ben, cleo] = [device('ada'), device('ben'), device('cleo')];
const SECRET = 'B'.repeat(22);
/** Seals nothing. */
const keeper = { keepNote: async (text: string) => text, openNote: async (sealed: string) => sealed, forget: () => {} };

interface Invited {
  room: string;
  secret: string;
  name: string;
  key: string;
}

class Page {
  readonly said: [Invited, Device][] = [];
  readonly told: [string, string][] = []; // words, by rooms
  readonly done: unknown[] = [];
  readonly notes: Notes;
  readonly sealed: Sealed;
  readonly breakouts: Breakouts;
  here = [ben, cleo];
  roles: Record<string, Role> = {};

  constructor(
    readonly slug: string,
    main: MainRoom | null = null,
    readonly storage = new FakeStorage(),
  ) {
    this.sealed = new Sealed({ ready: () => true, name: () => 'Ada', now: () => 0 });
    this.meet();
    this.notes = new Notes(storage, slug, () => keeper);
    let secrets = 0;
    this.breakouts = new Breakouts(
      this.sealed,
      {
        slug,
        origin: 'https://x',
        main,
        possible: true,
        roleOf: (person) => this.roles[person.device] ?? 'participant',
        newSecret: async () => `${++secrets}`.padEnd(22, 'A'),
        secret: async () => 'C'.repeat(22),
        ahead: (to, kept) => this.notes.ahead(to, kept),
        moveTo: (place) => this.done.push(place),
        back: () => this.done.push('back'),
        endBreakouts: () => this.done.push('end'),
        tellBreakout: (room, body) => this.told.push([room, body]),
        mainChanged: async (secret) => void this.done.push(secret),
        problem: ({ code }) => this.done.push(code),
      },
      this.notes,
    );
  }

  /** A session begins. */
  meet(): void {
    this.sealed.speakThrough({
      self: ada,
      people: {
        find: ({ device: id }) => this.here.find((d) => d.device === id) ?? null,
        name: ({ device: d }) => d,
        reaches: () => true,
      },
      sayToAll() {},
      sayTo: (_kind, body, to) => void this.said.push([JSON.parse(atob(body)), to]),
    });
  }

  hear(from: Device, body: object): void {
    this.sealed.heard({ type: 'heard', from, kind: 'grotto.breakout', body: encodeSaid(body), private: true });
  }

  people(): string[][] {
    return this.breakouts.rooms.value.map(({ people }) => people.map(({ name }) => name));
  }

  id(name: string): string {
    return this.breakouts.rooms.value.flatMap(({ people }) => people).find((p) => p.name === name)?.id ?? '';
  }

  /** The page that comes when this one's invitation is taken. */
  async gone(): Promise<Page> {
    await this.breakouts.accept();
    const { slug, name } = this.done.at(-1) as Elsewhere;
    const page = new Page(slug, { slug: 'blue', name }, this.storage);
    await page.notes.begin(true);
    return page;
  }
}

const settle = async () => {
  for (let i = 0; i < 20; i++) {
    await crypto.subtle.digest('SHA-256', new Uint8Array(1)); // takes its turn, however busy the machine is
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
};

test('breakout rooms have secrets of their own, which go to those who are sent there', async () => {
  const page = new Page('blue');
  await page.breakouts.open([[ben], [cleo, device('gone')]]);
  const [one, other] = page.said.map(([body]) => body);
  expect(page.said.map(([, to]) => to)).toEqual([ben, cleo]);
  expect(one?.room).not.toBe(other?.room);
  expect([one, other].every((place) => belongsTo(place?.room ?? '', 'blue'))).toBe(true);
  expect(page.people()).toEqual([['BEN'], ['CLEO']]);
  expect(page.breakouts.rooms.value.map(({ name, url }) => [name, url])).toEqual([
    ['1', `https://x/r/${one?.room}#${one?.secret}`],
    ['2', `https://x/r/${other?.room}#${other?.secret}`],
  ]);
  expect(page.done).toEqual(['not_moderated']); // who had left
  expect(bytesOfSaid(encodeSaid(one as object))).toBeLessThan(250);
  page.breakouts.close();
  expect([page.done.at(-1), page.people()]).toEqual(['end', []]);
});

test('single people are sent to a room that is open, and to another before they went', async () => {
  const page = new Page('blue');
  await page.breakouts.open([[], []]);
  await page.breakouts.add();
  page.breakouts.send(ben, '3');
  page.breakouts.send(ben, '7'); // there is none
  expect(page.people()).toEqual([[], [], ['BEN']]);
  await page.breakouts.move(page.id('BEN'), '1'); // he is still here: he is asked anew
  expect([page.people(), page.said.length, page.told.length]).toEqual([[['BEN'], [], []], 2, 0]);
  await page.breakouts.move(page.id('BEN'), null);
  expect([page.people(), page.told.length]).toEqual([[[], [], []], 0]);
});

test('the rooms, and who is in them, outlive a reload of the moderator’s page', async () => {
  const before = new Page('blue');
  await before.breakouts.open([[ben], [cleo]]);
  await settle();
  const after = new Page('blue', null, before.storage);
  await after.notes.begin(true);
  expect(after.breakouts.rooms.value).toEqual(before.breakouts.rooms.value);
  after.here = [];
  await after.breakouts.move(after.id('BEN'), '2');
  expect([after.people(), after.told.length]).toEqual([[[], ['CLEO', 'BEN']], 1]);
  after.breakouts.close();
  await settle();
  expect(before.storage.length).toBe(0);
});

test('who is in a room is moved on, hears that the main link was changed, and is called back', async () => {
  const main = new Page('blue');
  await main.breakouts.open([[ben, cleo], []]);
  const bens = new Page('blue');
  bens.roles = { ADA: 'moderator' };
  bens.hear(ada, (main.said[0] as [Invited, Device])[0]);
  let away = await bens.gone();
  expect(away.slug).toBe(main.said[0]?.[0].room);

  main.here = [];
  await main.breakouts.move(main.id('CLEO'), null); // not to him
  await main.breakouts.move(main.id('BEN'), '2');
  const [toCleo, toBen] = main.told as [[string, string], [string, string]];
  expect([toCleo[0], toBen[0]]).toEqual([away.slug, away.slug]);
  expect([bytesOfSaid(toCleo[1]), bytesOfSaid(toBen[1])]).toEqual([540, 540]); // nothing to tell them apart by
  for (const [, body] of main.told) away.breakouts.heardFromMain(body);
  await settle();
  expect([away.done, away.breakouts.invitation.value]).toEqual([[], { by: 'ADA', name: '2' }]);
  away = await away.gone();
  away.breakouts.heardFromMain(toBen[1]); // of the room before
  await settle();
  expect(away.breakouts.invitation.value).toBeNull();

  await main.breakouts.linkChanged();
  const changed = main.told.at(-1)?.[1] ?? '';
  away.breakouts.heardFromMain(changed);
  away.breakouts.heardFromMain(changed); // said again by a server
  await settle();
  expect(away.done).toEqual(['C'.repeat(22)]);
  const again = new Page(away.slug, { slug: 'blue', name: '2' }, away.storage);
  await again.notes.begin(true); // a reload there
  again.breakouts.heardFromMain(changed);
  await main.breakouts.move(main.id('BEN'), null);
  again.breakouts.heardFromMain(main.told.at(-1)?.[1] ?? '');
  await settle();
  expect(again.done).toEqual(['back']);
  expect(main.people()).toEqual([[], []]);
});

test('one goes only where a moderator sends one, beside this room, and only if one wants to', async () => {
  const page = new Page('blue');
  page.roles = { BEN: 'moderator' };
  const good = { room: breakoutSlug('blue'), secret: SECRET, name: '2' };
  page.hear(cleo, good);
  for (const wrong of [
    { room: 'elsewhere' },
    { room: 'blue' },
    { room: `${good.room}x` },
    { secret: 'short' },
    { name: 7 },
    { room: '../r' },
  ]) {
    page.hear(ben, { ...good, ...wrong });
    page.meet(); // with time enough between two
  }
  expect(page.breakouts.invitation.value).toBeNull();
  page.hear(ben, { ...good, key: 'short' }); // from a version that knows no words
  expect(page.breakouts.invitation.value).toEqual({ by: 'BEN', name: '2' });
  page.breakouts.decline();
  await page.breakouts.accept();
  expect(page.done).toEqual([]);
  page.meet();
  page.hear(ben, good);
  await page.breakouts.accept();
  expect(page.done).toEqual([{ slug: good.room, secret: SECRET, name: '2' }]);
});

test('a word that is none is not obeyed', async () => {
  const room = breakoutSlug('blue');
  const key = newWordKey();
  const page = new Page(room, { slug: 'blue', name: '1' });
  await page.notes.ahead(room, { breakouts: { sent: { key, by: 'Ada', n: 0 } } });
  await page.notes.begin(true);
  const words = [
    { main: 'short' },
    { main: 'x'.repeat(200) },
    { back: 1 },
    { room: 'elsewhere', secret: SECRET, name: '', key },
  ];
  for (const [n, word] of words.entries()) {
    page.breakouts.heardFromMain(await sealWord(key, room, n + 1, word as { back: true }));
  }
  for (const none of ['', '!', 'AAAA', await sealWord(newWordKey(), room, 9, { back: true })])
    page.breakouts.heardFromMain(none);
  page.breakouts.heardFromMain(await sealWord(key, 'blue', 10, { back: true }));
  await settle();
  expect([page.done, page.breakouts.invitation.value]).toEqual([[], null]);
});

test('a word is sealed as the Go client opens it', async () => {
  const path = new URL('../../../internal/call/testdata/breakout.json', import.meta.url);
  type Vector = { key: string; room: string; body: string; word: { n: number } };
  const { key, room, body, word } = JSON.parse(readFileSync(path, 'utf8')) as Vector;
  const { n, ...rest } = word;
  expect(await openWord(key, room, n - 1, body)).toEqual({ n, word: rest });
  expect(await openWord(key, room, n, body)).toBeNull();
});

test.each([
  ['x'.repeat(56), true],
  ['x'.repeat(57), false],
])('a room whose name leaves no place for another’s has no breakout rooms: %s', (slug, possible) => {
  expect(new Page(slug).breakouts.possible).toBe(possible);
});
