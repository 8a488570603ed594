import { expect, test } from 'vitest';
import { gridLayout, stableOrder, TILE_RATIO } from '../../src/ui/stage/layout.ts';

/** The stupid way: shrink a tile one pixel at a time until some number of columns and rows takes all of them. */
function bruteForce(count: number, width: number, height: number, gap: number, ratio: number): number {
  for (let tile = Math.floor(width); tile > 0; tile--) {
    const columns = Math.floor((width + gap) / (tile + gap));
    const rows = Math.floor((height + gap) / (tile / ratio + gap) + 1e-9);
    if (columns * rows >= count) return tile;
  }
  return 0;
}

test('tiles are as large as brute force can make them', () => {
  const areas = [
    [320, 400],
    [390, 700],
    [640, 260],
    [1264, 660],
    [1900, 900],
    [500, 500],
  ] as const;
  for (const [width, height] of areas) {
    for (const ratio of [TILE_RATIO, 4 / 3, 9 / 16]) {
      for (let count = 1; count <= 50; count++) {
        const { tileWidth } = gridLayout(count, { width, height }, 8, ratio);
        expect({ width, height, ratio, count, tileWidth }).toEqual({
          width,
          height,
          ratio,
          count,
          tileWidth: bruteForce(count, width, height, 8, ratio),
        });
      }
    }
  }
});

test('every tile has a place and fits', () => {
  for (let count = 1; count <= 50; count++) {
    const { columns, rows, tileWidth, tileHeight } = gridLayout(count, { width: 1264, height: 660 }, 8);
    expect(columns * rows).toBeGreaterThanOrEqual(count);
    expect(columns * tileWidth + (columns - 1) * 8).toBeLessThanOrEqual(1264);
    expect(rows * tileHeight + (rows - 1) * 8).toBeLessThanOrEqual(660);
  }
});

test('no room yields no tiles and no negative sizes', () => {
  expect(gridLayout(3, { width: 0, height: 0 }, 8).tileWidth).toBe(0);
  expect(gridLayout(0, { width: 100, height: 100 }, 8)).toMatchObject({ columns: 1, rows: 1, tileWidth: 0 });
});

test('nobody jumps when somebody leaves, joins, or the list is given in another order', () => {
  const first = stableOrder([], ['a', 'b', 'c']);
  expect(first).toEqual(['a', 'b', 'c']);
  expect(stableOrder(first, ['c', 'a'])).toEqual(['a', 'c']);
  expect(stableOrder(first, ['d', 'c', 'b', 'a'])).toEqual(['a', 'b', 'c', 'd']);
  expect(stableOrder(['a', 'c'], ['a', 'b', 'c'])).toEqual(['a', 'c', 'b']);
});
