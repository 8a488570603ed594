/** What people are called where one has to choose among them. */
import type { TileView } from '../../call/view.ts';
import { personName } from '../stage/tile_name.ts';

/** Names in the order of the tiles; two of one name are told apart by their device. */
export function namesOf(tiles: TileView[]): string[] {
  const names = tiles.map(personName);
  return names.map((name, index) =>
    names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} · ${tiles[index]?.device ?? ''}`,
  );
}
