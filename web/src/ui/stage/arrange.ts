/** Who is large, who is small, and where one sees oneself. */
import { healthy, type Layout, type TileView } from '../../call/view.ts';
import type { SelfPlace } from './self_place.ts';

export interface Looked {
  pinned: string | null;
  layout: Layout;
  speaker: string | null;
  self: SelfPlace;
}

export interface Arrangement {
  /** Without any of them, everybody else is in one grid. */
  large: TileView[];
  small: TileView[];
  /** One's own picture, lying over the others. */
  corner: TileView | null;
}

export function arrange(tiles: TileView[], { pinned, layout, speaker, self }: Looked): Arrangement {
  const own = tiles.find((tile) => tile.self && tile.kind === 'camera');
  // Alone, or with something wrong to be told, one's tile is where it always was.
  const apart = own && self !== 'among' && own.key !== pinned && healthy(own.state) && tiles.some((tile) => !tile.self);
  const among = apart ? tiles.filter((tile) => tile !== own) : tiles;
  const large = largeOf(among, pinned, layout === 'speaker' ? speaker : null);
  const small = among.filter((tile) => !large.includes(tile));
  const corner = (apart && self === 'corner' && own) || null;
  return small.length === 0 ? { large: [], small: among, corner } : { large, small, corner };
}

function largeOf(tiles: TileView[], pinned: string | null, speaker: string | null): TileView[] {
  const chosen = tiles.filter(({ key }) => key === pinned);
  if (chosen[0]?.kind === 'screen') return chosen;
  // One's own screen is not shown large by itself: a screen that shows itself only makes a tunnel.
  const screens = tiles.filter((tile) => tile.kind === 'screen' && !tile.self);
  if (screens.length + chosen.length > 0)
    return tiles.filter((tile) => screens.includes(tile) || chosen.includes(tile));
  return tiles.filter(({ key }) => key === speaker);
}

/** Who is in the small window: whom one pinned, else what is shared, else whoever speaks; never oneself. */
export function floated(tiles: TileView[], pinned: string | null, speaker: string | null): TileView | undefined {
  const others = tiles.filter(({ self }) => !self);
  return (
    others.find(({ key }) => key === pinned) ??
    others.find(({ kind }) => kind === 'screen') ??
    others.find(({ key }) => key === speaker)
  );
}
