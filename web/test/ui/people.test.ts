import { expect, test } from 'vitest';
import { healthy, type TileState } from '../../src/call/view.ts';
import { namesOf } from '../../src/ui/people/names.ts';
import { handPlace, inOrder } from '../../src/ui/people/order.ts';
import { looks, verifiable, wordsOf } from '../../src/ui/people/states.ts';
import { known } from '../../src/ui/strings/text.ts';
import { fakeTile } from './fake.ts';

const states = Object.keys(looks) as TileState[];

test('raised hands come first, the one up longest before the others; then oneself, then as they came', () => {
  const tiles = [
    fakeTile(1),
    fakeTile(2, { hand: 30 }),
    fakeTile(0, { self: true }),
    fakeTile(3, { hand: 20 }),
    fakeTile(3, { kind: 'screen', key: 'screen', hand: 20 }),
    fakeTile(4),
  ];
  expect(inOrder(tiles).map(({ key }) => key)).toEqual(['person-3', 'person-2', 'person-0', 'person-1', 'person-4']);
  expect(tiles.map((tile) => handPlace(tiles, tile))).toEqual([0, 2, 0, 1, 1, 0]);
  const alone = fakeTile(1, { hand: 5 });
  expect(handPlace([alone], alone)).toBe(0);
});

test('two of one name are told apart', () => {
  expect(namesOf([fakeTile(0), fakeTile(1), fakeTile(9, { name: 'Ana Lindqvist' })])).toEqual([
    'Ana Lindqvist · DEVICE0000',
    'Ben Okafor',
    'Ana Lindqvist · DEVICE0009',
  ]);
});

test('every state has its words and its hint', () => {
  for (const state of states) {
    expect(known(`state.${state}`), state).toBe(true);
    expect(known(`state.${state}.hint`), state).toBe(true);
  }
});

test('only whose keys came from them can be verified, also when they are not the ones one knew', () => {
  expect(states.filter(verifiable).sort()).toEqual(['changed_key', 'known', 'new', 'verified']);
});

test('what does not open and will not mend by waiting is loud, and so are keys that changed', () => {
  const quiet = states.filter((state) => looks[state].tone !== 'warn' && !healthy(state));
  expect(quiet.sort()).toEqual(['blocked', 'waiting_for_key']);
  expect(looks.changed_key.tone).toBe('warn');
  expect(states.filter((state) => looks[state].tone === 'good')).toEqual(['verified']);
});

test('an engine that failed here is not said to be theirs', () => {
  expect(wordsOf({ state: 'engine_failed', self: false })).toBe('cannot_decrypt');
  expect(wordsOf({ state: 'engine_failed', self: true })).toBe('engine_failed');
});
