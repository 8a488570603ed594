import { expect, test } from 'vitest';
import { adapted, STAYS, sharedOut } from '../../src/ui/moderation/groups.ts';
import { echoes, personsOf } from '../../src/ui/moderation/persons.ts';
import { fakeTile } from './fake.ts';

test('devices of one user with one name are one person; of another name they are not', () => {
  const ana = fakeTile(0);
  const tiles = [
    ana,
    fakeTile(1),
    fakeTile(2, { user: ana.user, name: ana.name, self: true }),
    fakeTile(3, { user: ana.user }),
    fakeTile(4, { name: '', user: '@x:y' }),
    fakeTile(5, { name: '', user: '@x:y' }),
  ];
  const keys = personsOf(tiles).map(({ main, others }) => [main.key, others.map(({ key }) => key)]);
  expect(keys).toEqual([
    ['person-2', ['person-0']],
    ['person-1', []],
    ['person-3', []],
    ['person-4', []],
    ['person-5', []],
  ]);
});

test('it echoes where one’s own two devices both listen to the room', () => {
  const self = fakeTile(0, { self: true });
  const other = fakeTile(1, { user: self.user });
  expect(echoes([self, other])).toBe(true);
  expect(echoes([{ ...self, mic: false }, other])).toBe(false);
  expect(echoes([self, { ...other, mic: false }])).toBe(false);
  expect(echoes([self, fakeTile(2)])).toBe(false);
});

test('people are shared out evenly, and who comes later stays', () => {
  const places = sharedOut(['a', 'b', 'c'], 2);
  expect([...places.values()]).toEqual([0, 1, 0]);
  expect([...adapted(places, ['a', 'b', 'd'], 1).entries()]).toEqual([
    ['a', 0],
    ['b', STAYS],
    ['d', STAYS],
  ]);
});
