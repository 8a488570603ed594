// What a room does not have is neither said nor heard, and not offered by the page.
import { expect, test } from 'vitest';
import { encodeSaid } from '../../src/call/said.ts';
import { Sealed } from '../../src/call/sealed.ts';
import { Talk } from '../../src/call/talk.ts';
import { Terms } from '../../src/call/terms.ts';
import type { Device, Feature } from '../../src/wire.ts';

const ada: Device = { user: '@ada:x', device: 'ADA', join_id: 'AAAA' };
const ben: Device = { user: '@ben:x', device: 'BEN', join_id: 'BBBB' };

function without(...off: Feature[]): Terms {
  const terms = new Terms(() => 1000);
  terms.welcomed({ off });
  return terms;
}

test('a room has everything but what is switched off, and what lies within that', () => {
  expect(new Terms(() => 0).has('chat')).toBe(true);
  expect(without().has('files')).toBe(true);
  const terms = without('chat', 'recording');
  const asked: Feature[] = ['chat', 'private_chat', 'files', 'recording', 'polls', 'screenshare'];
  expect(asked.filter((feature) => terms.has(feature))).toEqual(['polls', 'screenshare']);
  expect(without('private_chat').has('chat')).toBe(true);
  terms.welcomed({}); // another session, by other terms
  expect(asked.every((feature) => terms.has(feature))).toBe(true);
});

test('a call that may take so long ends at a time of this clock', () => {
  const terms = without();
  terms.entered({ ends_in: 90 });
  expect(terms.endsAt.value).toBe(91_000);
  terms.entered({});
  expect(terms.endsAt.value).toBe(null);
});

/** Ada, with Ben. */
function room(terms: Terms) {
  const sent: string[] = [];
  const sealed = new Sealed({
    ready: () => true,
    name: () => 'Ada',
    now: () => 0,
    allows: (kind, only) => terms.allows(kind, only),
  });
  sealed.speakThrough({
    self: ada,
    people: { find: () => ben, name: () => 'Ben', reaches: () => true },
    sayToAll: (kind) => void sent.push(kind),
    sayTo: (kind) => void sent.push(`${kind} to one`),
  });
  const talk = new Talk(sealed);
  const hear = (kind: string, body: object, only = false) =>
    sealed.heard({ type: 'heard', from: ben, kind, body: encodeSaid(body), private: only });
  return { sealed, talk, sent, hear };
}

test('without a chat no line goes out, and none that somebody sends all the same is shown', () => {
  const { talk, sent, hear } = room(without('chat'));
  expect(() => talk.say('hello')).toThrow('switched off');
  expect(() => talk.say('hello', ben)).toThrow('switched off');
  hear('grotto.chat', { text: 'hello' });
  hear('grotto.chat', { text: 'psst' }, true);
  expect([sent, talk.chat.lines.value]).toEqual([[], []]);
});

test('without private lines there are those to everybody', () => {
  const { talk, sent, hear } = room(without('private_chat'));
  expect(() => talk.say('psst', ben)).toThrow('switched off');
  hear('grotto.chat', { text: 'psst' }, true);
  talk.say('hello');
  hear('grotto.chat', { text: 'hi' });
  expect(sent).toEqual(['grotto.chat']);
  expect(talk.chat.lines.value.map(({ text }) => text)).toEqual(['hello', 'hi']);
});

test('each feature is off by itself', () => {
  const kinds: [Feature, string][] = [
    ['polls', 'grotto.poll'],
    ['polls', 'grotto.vote'],
    ['reactions', 'grotto.reaction'],
    ['captions', 'grotto.caption'],
    ['files', 'grotto.file'],
    ['files', 'grotto.file.chunk'],
  ];
  for (const [off, kind] of kinds) {
    const { sealed, sent } = room(without(off));
    for (const [, other] of kinds) {
      const say = () => sealed.toAll(other, {});
      if (kinds.some(([feature, of]) => feature === off && of === other)) expect(say, other).toThrow('switched off');
      else say();
    }
    expect(sent, kind).not.toContain(kind);
    expect(sent.length).toBe(kinds.filter(([feature]) => feature !== off).length);
  }
});
