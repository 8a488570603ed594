/** What a recording shows: where each tile is drawn. As on the stage, in a picture of one size. */
import type { TileView } from '../../call/view.ts';
import { type Area, gridLayout, TILE_RATIO } from '../stage/layout.ts';

export interface Box {
  tile: TileView;
  x: number;
  y: number;
  width: number;
  height: number;
}

export const PICTURE: Area = { width: 1280, height: 720 };
const GAP = 8;
const STRIP = 220; // how wide people are beside a screen
const IN_STRIP = 5; // and how many; more are not seen there
const IN_GRID = 36;

/** Everybody, in a grid; shared screens large with people in a strip. */
export function everybody(tiles: readonly TileView[]): Box[] {
  const cameras = tiles.filter(({ kind }) => kind === 'camera');
  const screens = tiles.filter(({ kind }) => kind === 'screen');
  if (screens.length === 0) return grid(cameras.slice(0, IN_GRID), PICTURE);
  const beside = { width: PICTURE.width - STRIP - GAP, height: PICTURE.height };
  return [...grid(screens, beside), ...strip(speakersFirst(cameras).slice(0, IN_STRIP))];
}

/** A place on the page, as getBoundingClientRect has it. */
export interface Place {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** What one sees oneself: the tiles where they are on the stage, which is fitted into the picture. */
export function asSeen(stage: Place, seen: readonly { tile: TileView; place: Place }[]): Box[] {
  const scale = Math.min(PICTURE.width / stage.width, PICTURE.height / stage.height);
  if (!Number.isFinite(scale)) return [];
  const left = (PICTURE.width - stage.width * scale) / 2;
  const top = (PICTURE.height - stage.height * scale) / 2;
  return seen.flatMap(({ tile, place }) => {
    const box = {
      tile,
      x: Math.round(left + (place.left - stage.left) * scale),
      y: Math.round(top + (place.top - stage.top) * scale),
      width: Math.round(place.width * scale),
      height: Math.round(place.height * scale),
    };
    const { x, y, width, height } = box;
    const inside = x < PICTURE.width && y < PICTURE.height && x + width > 0 && y + height > 0;
    return inside && width > 0 && height > 0 ? [box] : [];
  });
}

function grid(tiles: readonly TileView[], area: Area): Box[] {
  const { columns, rows, tileWidth: width, tileHeight: height } = gridLayout(tiles.length, area, GAP, TILE_RATIO);
  const top = (area.height - rows * height - (rows - 1) * GAP) / 2;
  return tiles.map((tile, i) => {
    const row = Math.floor(i / columns);
    const inRow = Math.min(columns, tiles.length - row * columns);
    const left = (area.width - inRow * width - (inRow - 1) * GAP) / 2;
    const x = Math.round(left + (i - row * columns) * (width + GAP));
    return { tile, x, y: Math.round(top + row * (height + GAP)), width, height };
  });
}

function strip(tiles: readonly TileView[]): Box[] {
  const height = Math.round(STRIP / TILE_RATIO);
  const x = PICTURE.width - STRIP;
  return tiles.map((tile, i) => ({ tile, x, y: i * (height + GAP), width: STRIP, height }));
}

/** Where not everybody has room, those who speak do; otherwise nobody moves. */
function speakersFirst(tiles: readonly TileView[]): TileView[] {
  if (tiles.length <= IN_STRIP) return [...tiles];
  const kept = new Set(tiles.slice(0, IN_STRIP));
  for (const speaker of tiles.filter((tile) => tile.speaking && !kept.has(tile))) {
    const quiet = [...kept].findLast((tile) => !tile.speaking);
    if (!quiet) break;
    kept.delete(quiet);
    kept.add(speaker);
  }
  return tiles.filter((tile) => kept.has(tile));
}

/** The part of a picture that is drawn, and where: whole (`contain`) or filling the box (`cover`). */
export function fitted(fit: 'contain' | 'cover', picture: Area, box: Omit<Box, 'tile'>) {
  const scales = [box.width / picture.width, box.height / picture.height] as const;
  const scale = fit === 'cover' ? Math.max(...scales) : Math.min(...scales);
  const width = Math.min(box.width, picture.width * scale);
  const height = Math.min(box.height, picture.height * scale);
  const from = { width: width / scale, height: height / scale };
  return {
    from: { x: (picture.width - from.width) / 2, y: (picture.height - from.height) / 2, ...from },
    to: { x: box.x + (box.width - width) / 2, y: box.y + (box.height - height) / 2, width, height },
  };
}
