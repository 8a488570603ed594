import { expect, test } from 'vitest';
import { asSeen, type Box, everybody, fitted, PICTURE } from '../../../src/ui/recording/scene.ts';
import { fakeTile } from '../fake.ts';

const people = (count: number) => Array.from({ length: count }, (_, i) => fakeTile(i));
const screen = fakeTile(1, { key: 'screen-1', kind: 'screen' });

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

test('everybody is in the picture, and nobody over another', () => {
  for (const count of [1, 2, 3, 5, 9, 25, 36]) {
    for (const tiles of [people(count), [...people(count), screen]]) {
      const boxes = everybody(tiles);
      for (const [i, box] of boxes.entries()) {
        expect(box.x).toBeGreaterThanOrEqual(0);
        expect(box.y).toBeGreaterThanOrEqual(0);
        expect(box.x + box.width).toBeLessThanOrEqual(PICTURE.width);
        expect(box.y + box.height).toBeLessThanOrEqual(PICTURE.height);
        expect(boxes.slice(i + 1).some((other) => overlap(box, other))).toBe(false);
      }
    }
    expect(everybody(people(count)).length).toBe(count);
  }
  expect(everybody([])).toEqual([]);
});

test('a screen is larger than people beside it, of whom those who speak have room', () => {
  const tiles = people(8).map((tile, i) => ({ ...tile, speaking: i === 7 }));
  const boxes = everybody([...tiles, screen]);
  expect(boxes[0]).toMatchObject({ tile: { kind: 'screen' } });
  expect((boxes[0]?.width ?? 0) / (boxes[1]?.width ?? 1)).toBeGreaterThan(4);
  expect(boxes.slice(1).map(({ tile }) => tile.key)).toEqual([
    'person-0',
    'person-1',
    'person-2',
    'person-3',
    'person-7',
  ]);
});

test('what is seen is fitted into the picture, and what is out of sight is not in it', () => {
  const stage = { left: 100, top: 50, width: 640, height: 720 };
  const [one, two] = people(2) as [ReturnType<typeof fakeTile>, ReturnType<typeof fakeTile>];
  const boxes = asSeen(stage, [
    { tile: one, place: { left: 100, top: 50, width: 320, height: 180 } },
    { tile: two, place: { left: 100, top: 2000, width: 320, height: 180 } },
  ]);
  expect(boxes).toEqual([{ tile: one, x: 320, y: 0, width: 320, height: 180 }]);
  expect(asSeen({ ...stage, width: 0 }, [])).toEqual([]);
});

test('a picture fills its box or is whole in it', () => {
  const box = { x: 10, y: 20, width: 160, height: 90 };
  const tall = { width: 90, height: 160 };
  expect(fitted('contain', tall, box).to).toEqual({ x: 10 + (160 - 50.625) / 2, y: 20, width: 50.625, height: 90 });
  const { from, to } = fitted('cover', tall, box);
  expect(to).toEqual(box);
  expect(from).toEqual({ x: 0, y: (160 - 50.625) / 2, width: 90, height: 50.625 });
});
