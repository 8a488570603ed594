/** What a tile is called. */
import type { TileView } from '../../call/view.ts';
import { text } from '../strings/text.ts';

/** The name somebody goes by here: what they call themselves, else a word that does not pretend to know. */
export function personName(tile: TileView): string {
  return tile.name || text(tile.state === 'wrong_secret' ? 'tile.unknown' : 'tile.participant');
}

export function tileName(tile: TileView): string {
  const name = personName(tile);
  if (tile.kind === 'screen') return text('tile.screen', { name });
  return tile.self ? text('tile.self', { name }) : name;
}
