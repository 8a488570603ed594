/** Where tiles go: tries each column count and keeps the one that makes the tiles largest. */

export interface Area {
  width: number;
  height: number;
}

export interface GridLayout {
  columns: number;
  rows: number;
  tileWidth: number;
  tileHeight: number;
}

export const TILE_RATIO = 16 / 9;

/**
 * The largest tiles of one ratio for `count` of them in `area`, `gap` apart, in whole pixels. Of two column counts with
 * equal tiles the one with fewer columns wins, so that a resize does not flip between them.
 */
export function gridLayout(count: number, area: Area, gap: number, ratio = TILE_RATIO): GridLayout {
  let best: GridLayout = { columns: 1, rows: Math.max(count, 1), tileWidth: 0, tileHeight: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const widest = (area.width - gap * (columns - 1)) / columns;
    const highest = (area.height - gap * (rows - 1)) / rows;
    const tileWidth = Math.max(0, Math.floor(Math.min(widest, highest * ratio)));
    if (tileWidth > best.tileWidth) {
      best = { columns, rows, tileWidth, tileHeight: Math.floor(tileWidth / ratio) };
    }
  }
  return best;
}

/** Keeps the order in which tiles first came, whatever order they are given in: nobody jumps when somebody leaves. */
export function stableOrder(before: readonly string[], present: readonly string[]): string[] {
  const here = new Set(present);
  const kept = before.filter((key) => here.has(key));
  const seen = new Set(kept);
  return [...kept, ...present.filter((key) => !seen.has(key))];
}

/** Smaller than this nobody is recognised, and more at once nobody looks at. */
const TILE_LEAST = 144;
const PAGE_MOST = 16;

/** How many tiles a page takes; at least one. */
export function pageSize(area: Area, gap: number, ratio = TILE_RATIO): number {
  for (let count = PAGE_MOST; count > 1; count--) {
    if (gridLayout(count, area, gap, ratio).tileWidth >= TILE_LEAST) return count;
  }
  return 1;
}

export interface Page<T> {
  /** From 0; the last one there is, where the one asked for is gone. */
  index: number;
  count: number;
  shown: T[];
}

/** All pages but the last are full, so that who joins moves nobody. */
export function pageOf<T>(all: readonly T[], size: number, wanted: number): Page<T> {
  const count = Math.max(1, Math.ceil(all.length / size));
  const index = Math.min(Math.max(0, wanted), count - 1);
  return { index, count, shown: all.slice(index * size, (index + 1) * size) };
}
