import { expect, test } from 'vitest';
import { arrange, floated, type Looked } from '../../src/ui/stage/arrange.ts';
import { gridLayout, pageOf, pageSize } from '../../src/ui/stage/layout.ts';
import { CORNERS, nearestCorner, nextCorner } from '../../src/ui/stage/self_place.ts';
import { clockTime } from '../../src/ui/view/clock_time.ts';
import { flowWords } from '../../src/ui/view/flow_words.ts';
import { fakeTile } from './fake.ts';

const self = fakeTile(0, { self: true });
const ben = fakeTile(1);
const chiara = fakeTile(2);
const bensScreen = fakeTile(1, { key: 'ben shares', kind: 'screen' });
const chiarasScreen = fakeTile(2, { key: 'chiara shares', kind: 'screen' });
const ownScreen = fakeTile(0, { key: 'self shares', kind: 'screen', self: true });
const calm: Looked = { pinned: null, layout: 'grid', speaker: ben.key, self: 'among' };

function keys(tiles: Parameters<typeof arrange>[0], looked: Partial<Looked> = {}) {
  const { large, small, corner } = arrange(tiles, { ...calm, ...looked });
  const names = (some: { key: string }[]) => some.map(({ key }) => key).join(' ');
  return [names(large), names(small), corner?.key ?? ''];
}

test('everybody is of one size until something is large', () => {
  expect(keys([self, ben, chiara])).toEqual(['', 'person-0 person-1 person-2', '']);
  expect(keys([self, ben, chiara], { layout: 'speaker' })).toEqual(['person-1', 'person-0 person-2', '']);
  expect(keys([self, ben, chiara], { pinned: chiara.key })).toEqual(['person-2', 'person-0 person-1', '']);
  expect(keys([self, ben], { pinned: 'gone' })).toEqual(['', 'person-0 person-1', '']);
  expect(keys([self], { pinned: self.key })).toEqual(['', 'person-0', '']);
});

test('screens are large, all of them, with whom one pinned; a pinned screen alone; one’s own only if pinned', () => {
  const all = [self, ben, bensScreen, chiara, chiarasScreen];
  expect(keys(all)[0]).toBe('ben shares chiara shares');
  expect(keys(all, { layout: 'speaker' })[0]).toBe('ben shares chiara shares');
  expect(keys(all, { pinned: chiara.key })[0]).toBe('ben shares person-2 chiara shares');
  expect(keys(all, { pinned: chiarasScreen.key })).toEqual([
    'chiara shares',
    'person-0 person-1 ben shares person-2',
    '',
  ]);
  expect(keys([self, ownScreen, ben])[0]).toBe('');
  expect(keys([self, ownScreen, ben], { pinned: ownScreen.key })[0]).toBe('self shares');
});

test('one’s own picture goes to a corner or away, but not while one is alone or something is wrong with it', () => {
  expect(keys([self, ben, chiara], { self: 'corner' })).toEqual(['', 'person-1 person-2', 'person-0']);
  expect(keys([self, ben], { self: 'corner', layout: 'speaker' })).toEqual(['', 'person-1', 'person-0']);
  expect(keys([self, ben], { self: 'hidden' })).toEqual(['', 'person-1', '']);
  expect(keys([self], { self: 'hidden' })).toEqual(['', 'person-0', '']);
  const broken = fakeTile(0, { self: true, state: 'engine_failed' });
  expect(keys([broken, ben], { self: 'hidden' })).toEqual(['', 'person-0 person-1', '']);
  expect(keys([self, ben], { self: 'corner', pinned: self.key })).toEqual(['person-0', 'person-1', '']);
});

test('a page takes no more than one can look at, each large enough to know somebody', () => {
  for (const [width, height] of [
    [304, 420],
    [374, 640],
    [740, 280],
    [1264, 660],
    [2500, 1300],
  ] as const) {
    const size = pageSize({ width, height }, 8);
    expect(size, `${width}`).toBeGreaterThanOrEqual(1);
    expect(size, `${width}`).toBeLessThanOrEqual(16);
    expect(gridLayout(size, { width, height }, 8).tileWidth, `${width}`).toBeGreaterThanOrEqual(144);
  }
  expect(pageSize({ width: 1264, height: 660 }, 8)).toBe(16);
  expect(pageSize({ width: 0, height: 0 }, 8)).toBe(1);
});

test('every tile is on one page, and the page asked for is there or the last one', () => {
  const all = Array.from({ length: 50 }, (_, index) => index);
  const pages = [0, 1, 2, 3].map((index) => pageOf(all, 16, index));
  expect(pages.flatMap(({ shown }) => shown)).toEqual(all);
  expect(pages.map(({ shown }) => shown.length)).toEqual([16, 16, 16, 2]);
  expect(pageOf(all, 16, 9)).toMatchObject({ index: 3, count: 4 });
  expect(pageOf(all.slice(0, 20), 16, 3)).toMatchObject({ index: 1, count: 2 });
  expect(pageOf([], 16, 3)).toEqual({ index: 0, count: 1, shown: [] });
});

test('one’s own picture falls into the nearest corner, and goes round all of them', () => {
  expect(nearestCorner(0.1, 0.2)).toBe('top-start');
  expect(nearestCorner(0.9, 0.7)).toBe('bottom-end');
  const round = new Set(CORNERS.map(nextCorner));
  expect(round.size).toBe(4);
});

test('the small window shows whom one pinned, else a screen, else whoever speaks; never oneself', () => {
  const all = [self, ben, chiara, chiarasScreen];
  expect(floated(all, ben.key, chiara.key)).toBe(ben);
  expect(floated(all, self.key, chiara.key)).toBe(chiarasScreen);
  expect(floated([self, ben, chiara], null, chiara.key)).toBe(chiara);
  expect(floated([self], null, self.key)).toBeUndefined();
});

test('durations and flows in words', () => {
  expect([0, 7_999, 61_000, 3_690_000].map(clockTime)).toEqual(['0:00', '0:07', '1:01', '61:30']);
  const flow = { kilobits: 812, lost: 0.0123, jitterMs: 4, width: 640, height: 360, frames: 25, codec: 'VP8' };
  expect(flowWords({ ...flow, limit: 'cpu' })).toEqual([
    '640 × 360 · 25 frames a second',
    '812 kbit/s · VP8',
    '1.2% lost · 4 ms jitter',
    'Smaller, as this computer is busy',
  ]);
  const nothing = { kilobits: null, lost: null, jitterMs: null, width: null, height: null, frames: null };
  expect(flowWords({ ...nothing, codec: '', limit: null })).toEqual([]);
  expect(flowWords(null)).toEqual([]);
});
