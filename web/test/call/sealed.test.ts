// The door that features talk through: what of it goes out, what is heard, and how much of it.
import { expect, test } from 'vitest';
import { encodeSaid } from '../../src/call/said.ts';
import { type Said, Sealed } from '../../src/call/sealed.ts';
import { Talk } from '../../src/call/talk.ts';
import type { Device } from '../../src/wire.ts';

const ada: Device = { user: '@ada:x', device: 'ADA', join_id: 'AAAA' };
const ben: Device = { user: '@ben:x', device: 'BEN', join_id: 'BBBB' };
const eve: Device = { user: '@eve:x', device: 'EVE', join_id: 'EEEE' };

/** Ada's side of a room with Ben, whom we reach, and Eve, whom we do not. */
class Bench {
  time = 0;
  ready = true;
  readonly sent: unknown[][] = [];
  readonly sealed = new Sealed({ ready: () => this.ready, name: () => 'Ada', now: () => this.time });

  constructor() {
    this.sealed.speakThrough({
      self: ada,
      people: {
        find: ({ device }) => [ben, eve].find((d) => d.device === device) ?? null,
        name: (device) => (device === ben ? 'Ben' : ''),
        reaches: (device) => device === ben,
      },
      sayToAll: (kind, body) => void this.sent.push([kind, body]),
      sayTo: (kind, body, to) => void this.sent.push([kind, body, to]),
    });
  }

  hear(kind: string, said: unknown, only = false, from = ben): void {
    this.sealed.heard({ type: 'heard', from, kind, body: encodeSaid(said as object), private: only });
  }
}

test('a kind is heard by who registered for it, with the name, and only the way it is meant', () => {
  const bench = new Bench();
  const heard: Said[] = [];
  for (const way of ['all', 'one', 'both'] as const) bench.sealed.hear(way, { way }, (said) => heard.push(said));
  expect(() => bench.sealed.hear('all', { way: 'all' }, () => {})).toThrow();
  for (const only of [false, true]) {
    for (const kind of ['all', 'one', 'both', 'later']) bench.hear(kind, { kind }, only);
  }
  expect(heard.map(({ body, only }) => [body.kind, only])).toEqual([
    ['all', false],
    ['both', false],
    ['one', true],
    ['both', true],
  ]);
  expect(heard[0]).toEqual({ from: ben, name: 'Ben', body: { kind: 'all' }, only: false });
});

test('what is no object, or larger than was said, is not heard', () => {
  const bench = new Bench();
  let heard = 0;
  bench.sealed.hear('grotto.small', { way: 'all', limit: 20 }, () => heard++);
  for (const none of [7, null, 'text', { text: 'x'.repeat(10) }]) bench.hear('grotto.small', none);
  bench.sealed.heard({ type: 'heard', from: ben, kind: 'grotto.small', body: '!!' });
  expect(heard).toBe(0);
  bench.hear('grotto.small', { text: 'x' });
  expect(heard).toBe(1);
});

test('of one who floods little is heard, of the others everything; the flood once over, they are heard again', () => {
  const bench = new Bench();
  const heard: Device[] = [];
  bench.sealed.hear('grotto.some', { way: 'all', perSecond: 5 }, ({ from }) => heard.push(from));
  const flood = () => {
    for (let i = 0; i < 1000; i++) bench.hear('grotto.some', {}, false, { ...ben, join_id: `${i}` });
  };
  flood();
  expect(heard.length).toBe(20);
  bench.hear('grotto.some', {}, false, eve);
  expect(heard.length).toBe(21);
  bench.time += 1000;
  flood();
  expect(heard.length).toBe(26);
});

test('it goes to all, or to one who can be reached; what cannot go is refused before it is lost', () => {
  const { sealed, sent, ...bench } = new Bench();
  sealed.toAll('grotto.x', { a: 1 });
  expect(sealed.toOne('grotto.x', { b: 2 }, ben)).toBe(ben);
  expect(sent).toEqual([
    ['grotto.x', encodeSaid({ a: 1 })],
    ['grotto.x', encodeSaid({ b: 2 }), ben],
  ]);
  const refused = (act: () => void, code: string) => expect(act).toThrow(expect.objectContaining({ code }));
  refused(() => sealed.toOne('grotto.x', {}, eve), 'gone');
  refused(() => sealed.toOne('grotto.x', {}, { user: '@zoe:x', device: 'ZOE' }), 'gone');
  refused(() => sealed.toOne('grotto.x', { text: 'x'.repeat(8192) }, ben), 'long');
  refused(() => sealed.toAll('grotto.x', { text: 'x'.repeat(32 << 10) }), 'long');
  sealed.speakThrough(null);
  refused(() => sealed.toAll('grotto.x', {}), 'offline');
  expect([sent.length, bench.ready]).toEqual([2, true]);
});

test('nothing goes out while the call is not ready', () => {
  const bench = new Bench();
  bench.ready = false;
  expect(() => bench.sealed.toAll('grotto.x', {})).toThrow(expect.objectContaining({ code: 'offline' }));
});

test('features are told who can hear them now, who left, and when it is over', () => {
  const { sealed } = new Bench();
  const told: unknown[] = [];
  sealed.onReached((device) => told.push(['reached', device]));
  sealed.onLeft((device) => told.push(['left', device]));
  sealed.onEnd(() => told.push('end'));
  sealed.reached(ben);
  sealed.left(ben);
  sealed.speakThrough(null);
  sealed.end();
  expect(told).toEqual([['reached', ben], ['left', ben], 'end']);
  expect(sealed.self).toBeNull();
});

test('lines and reactions that are heard are cleaned; what is none is not heard', () => {
  const bench = new Bench();
  const talk = new Talk(bench.sealed);
  bench.hear('grotto.chat', { text: 'a\u0007b\u2028c' });
  bench.hear('grotto.chat', { text: 'only you' }, true);
  bench.hear('grotto.chat', { text: 'x'.repeat(9000) });
  for (const none of [{ text: '' }, { text: 7 }, {}, []]) bench.hear('grotto.chat', none);
  bench.hear('grotto.reaction', { emoji: '🎉' });
  bench.hear('grotto.reaction', { emoji: '🎉' }, true); // a reaction is to everybody, or it is none
  for (const none of [{ emoji: '🎉🎉' }, { emoji: 'click here' }, {}]) bench.hear('grotto.reaction', none);
  expect(talk.chat.lines.value.map(({ name, text, private: only }) => [name, text, only])).toEqual([
    ['Ben', 'a b\nc', false],
    ['Ben', 'only you', true],
    ['Ben', 'x'.repeat(4000), false],
  ]);
  expect(talk.reactions.shown.value.map(({ emoji }) => emoji)).toEqual(['🎉']);
  bench.sealed.end();
  expect(talk.chat.lines.value).toEqual([]);
});

test('a line is shown as the others see it, and to whom it went', () => {
  const bench = new Bench();
  const talk = new Talk(bench.sealed);
  talk.say(' hello\u202e\n there ');
  talk.say('psst', ben);
  expect(talk.chat.lines.value.map(({ self, text, to }) => [self, text, to])).toEqual([
    [true, 'hello\n there', undefined],
    [true, 'psst', 'Ben'],
  ]);
  expect(bench.sent[0]).toEqual(['grotto.chat', encodeSaid({ text: 'hello\n there' })]);
});

test.each([
  ['nothing', '  \n\u0000 ', undefined, 'empty'],
  ['more than a line holds', 'x'.repeat(4001), undefined, 'long'],
  ['more than goes to one', '字'.repeat(3000), ben, 'long'],
  ['something to somebody who has no keys yet', 'psst', eve, 'gone'],
])('%s is refused before it is lost', (_, text, to, code) => {
  const bench = new Bench();
  const talk = new Talk(bench.sealed);
  expect(() => talk.say(text, to)).toThrow(expect.objectContaining({ code }));
  expect([bench.sent, talk.chat.lines.value]).toEqual([[], []]);
});
