// Lines, reactions, comparing emoji, and the room's encryption in one sentence: what the page keeps and for how long.
import { describe, expect, test } from 'vitest';
import { Chat } from '../../src/call/chat.ts';
import { encryptionOf } from '../../src/call/encryption.ts';
import { People } from '../../src/call/people.ts';
import { Reactions } from '../../src/call/reactions.ts';
import { Verifications } from '../../src/call/verifications.ts';
import { concerning, healthy, type TileState } from '../../src/call/view.ts';
import type { Device } from '../../src/wire.ts';
import type { PeerState, VerifyReason, VerifyState } from '../../src/worker/messages.ts';
import { FakeTimers } from './fake_socket.ts';

const ada: Device = { user: '@ada:x', device: 'ADA', join_id: 'AAAA' };
const ben: Device = { user: '@ben:x', device: 'BEN', join_id: 'BBBB' };

test('of the chat the last 500 lines are kept', () => {
  const chat = new Chat();
  for (let i = 0; i < 600; i++) {
    chat.add({ name: 'Ada', from: ada, self: false, text: `${i}`, at: i, private: false });
  }
  expect(chat.lines.value.length).toBe(500);
  expect(chat.lines.value[0]?.text).toBe('100');
  expect(new Set(chat.lines.value.map(({ id }) => id)).size).toBe(500);
});

describe('reactions', () => {
  const bench = () => {
    const timers = new FakeTimers();
    const clock = {
      now: () => timers.time,
      setTimeout: timers.setTimeout.bind(timers),
      clearTimeout: timers.clearTimeout.bind(timers),
    };
    return { timers, reactions: new Reactions(clock) };
  };

  test('are shown for 5 s', () => {
    const { timers, reactions } = bench();
    reactions.add('Ada', ada, '👍');
    timers.pass(4999);
    expect(reactions.shown.value.length).toBe(1);
    timers.pass(1);
    expect(reactions.shown.value).toEqual([]);
  });

  test('of one who floods are five a second; others are still seen', () => {
    const { timers, reactions } = bench();
    let shown = 0;
    for (let i = 0; i < 1000; i++) {
      if (reactions.add('Ada', { ...ada, join_id: `${i}` } as Device, '👍')) shown++;
      timers.pass(1);
    }
    expect(shown).toBe(5);
    expect(reactions.add('Ben', ben, '🎉')).toBe(true);
    expect(reactions.add('Ada', ada, '👍')).toBe(true); // the second is over
  });
});

describe('comparing emoji', () => {
  const told = (device: Device, state: VerifyState, reason?: VerifyReason) => ({
    type: 'verification' as const,
    with: device,
    state,
    ...(reason ? { reason } : {}),
  });

  test('is with one person at a time; the next waits until the first is put away', () => {
    const all = new Verifications();
    all.told(told(ada, 'requested'), 'Ada');
    all.told(told(ben, 'requested'), 'Ben');
    expect(all.shown.value).toMatchObject({ name: 'Ada', state: 'requested' });
    all.told(told(ada, 'done'), 'Ada');
    expect(all.shown.value).toMatchObject({ name: 'Ada', state: 'done' });
    all.close();
    expect(all.shown.value).toMatchObject({ name: 'Ben', state: 'requested' });
    all.close();
    expect(all.shown.value).toBeNull();
  });

  test('that ends while it waits, or by our own word with nothing shown, is not shown', () => {
    const all = new Verifications();
    all.told(told(ada, 'cancelled', 'by_us'), 'Ada');
    expect(all.shown.value).toBeNull();
    all.told(told(ada, 'requested'), 'Ada');
    all.told(told(ben, 'requested'), 'Ben');
    all.told(told(ben, 'cancelled', 'timeout'), 'Ben');
    all.close();
    expect(all.shown.value).toBeNull();
  });

  test('keeps the name of who left as soon as it was over', () => {
    const all = new Verifications();
    all.told(told(ada, 'compare'), 'Ada');
    all.told(told(ada, 'done'), '');
    expect(all.shown.value).toMatchObject({ name: 'Ada', state: 'done' });
  });

  test('with somebody who has gone is over; one that was done stays done', () => {
    const all = new Verifications();
    all.told(told(ada, 'compare'), 'Ada');
    all.leave(ada);
    expect(all.shown.value).toMatchObject({ name: 'Ada', state: 'cancelled', reason: 'by_them' });
    all.close();
    all.told(told(ben, 'done'), 'Ben');
    all.leave(ben);
    expect(all.shown.value).toMatchObject({ name: 'Ben', state: 'done' });
  });
});

describe('the states', () => {
  const states: Record<TileState, [opens: boolean, look: boolean]> = {
    new: [true, false],
    known: [true, false],
    verified: [true, false],
    outside_key: [true, false],
    changed_key: [true, true],
    waiting_for_key: [false, false],
    blocked: [false, false],
    cannot_decrypt: [false, true],
    wrong_secret: [false, true],
    refused: [false, true],
    guest: [false, true],
    no_transform: [false, true],
    engine_failed: [false, true],
  };

  test.each(Object.entries(states))('%s: opens, and wants a look, as it should', (state, [opens, look]) => {
    expect(healthy(state as TileState)).toBe(opens);
    expect(concerning(state as TileState)).toBe(look);
  });

  test('nothing of somebody blocked is shown or played', () => {
    const people = new People();
    people.join(ada);
    people.receive([
      { from: ada, mid: '0', source: 'camera', codec: 'vp8', stream: {} as MediaStream },
      { from: ada, mid: '1', source: 'mic', codec: 'opus', stream: {} as MediaStream },
      { from: ada, mid: '2', source: 'screen', codec: 'vp8', stream: {} as MediaStream },
    ]);
    people.show(ada, 'verified');
    expect(people.tiles().map((t) => [t.kind, t.video !== null, t.audio !== null])).toEqual([
      ['camera', true, true],
      ['screen', true, false],
    ]);
    people.show(ada, 'blocked');
    expect(people.tiles().map((t) => [t.kind, t.video, t.audio])).toEqual([['camera', null, null]]);
  });

  test('only those whom our words reach can be written to', () => {
    const people = new People();
    people.join(ada);
    expect(people.reaches(ada)).toBe(false);
    people.show(ada, 'known');
    expect(people.reaches(ada)).toBe(true);
    expect(people.reaches(ben)).toBe(false);
    expect(people.find({ user: '@ada:x', device: 'ADA' })).toEqual(ada);
    expect(people.find({ user: '@ada:x', device: 'BEN' })).toBeNull();
  });
});

describe('the encryption of the room', () => {
  const room = (...states: PeerState[]) => {
    const people = new People();
    for (const [i, state] of states.entries()) {
      const device = { user: `@${i}:x`, device: `${i}`, join_id: `${i}` };
      people.join(device);
      people.show(device, state);
    }
    return people;
  };

  test.each<[string, PeerState[], string, number]>([
    ['all is well', ['new', 'known', 'verified', 'waiting_for_key', 'blocked'], 'ok ok', 0],
    ['nobody else is here', [], 'ok ok', 0],
    ['a stranger is among us', ['new', 'wrong_secret'], 'attention attention', 1],
    ['all others have another secret', ['wrong_secret', 'wrong_secret'], 'attention wrong_secret_all', 2],
    ['somebody has other keys than before', ['new', 'changed_key', 'cannot_decrypt'], 'attention changed_key', 2],
    ['keys were set from outside', ['outside_key'], 'ok outside_key', 0],
  ])('%s', (_, states, said, count) => {
    const { state, sentenceKey, count: counted } = encryptionOf('new', room(...states));
    expect(`${state} ${sentenceKey.replace('encryption.sentence.', '')}`).toBe(said);
    expect(counted).toBe(count);
  });

  test('a key message that came past Matrix is said', () => {
    const people = room('new', 'new');
    people.bypass({ user: '@1:x', device: '1', join_id: '1' });
    const said = encryptionOf('new', people);
    expect(said).toMatchObject({ state: 'attention', sentenceKey: 'encryption.sentence.bypassed' });
  });

  test('what stops us from sending comes before everything', () => {
    const people = room('wrong_secret');
    expect(encryptionOf('engine_failed', people).state).toBe('broken');
    people.warn({ user: '@0:x', device: '0', join_id: '0' }, 'roster_differs');
    expect(encryptionOf('new', people)).toMatchObject({ state: 'attention', warning: 'roster_differs' });
  });
});
