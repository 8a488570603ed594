/**
 * Who of the tiles are one person: several devices of one user that go by one name. The server says whose a device is, so
 * every device stays in sight, with its own state: nobody hides in somebody else's row.
 */
import type { TileView } from '../../call/view.ts';

export interface Person {
  /** The device that came first; one's own, where one is among them. */
  main: TileView;
  others: TileView[];
}

export function personsOf(tiles: TileView[]): Person[] {
  const persons: Person[] = [];
  for (const tile of tiles) {
    const person = persons.find(({ main }) => main.user === tile.user && main.name === tile.name && tile.name !== '');
    if (!person) persons.push({ main: tile, others: [] });
    else if (tile.self) {
      person.others.unshift(person.main);
      person.main = tile;
    } else person.others.push(tile);
  }
  return persons;
}

/** One is here with another device, and both hear the room: that howls where both are in it. */
export function echoes(tiles: TileView[]): boolean {
  const self = tiles.find((tile) => tile.self && tile.kind === 'camera');
  return (
    self?.mic === true &&
    tiles.some((tile) => !tile.self && tile.kind === 'camera' && tile.mic && tile.user === self.user)
  );
}
