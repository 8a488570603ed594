/** Who comes first in the list of people: raised hands, the one up longest first; then oneself; then as they came. */
import type { TileView } from '../../call/view.ts';

/** Which hand in the order of their going up; 0 for one that is down, and where it is the only one. */
export function handPlace(tiles: TileView[], { hand }: TileView): number {
  const raised = tiles.filter((tile) => tile.kind === 'camera' && tile.hand > 0);
  return hand > 0 && raised.length > 1 ? 1 + raised.filter((tile) => tile.hand < hand).length : 0;
}

export function inOrder(tiles: TileView[]): TileView[] {
  const people = tiles.filter((tile) => tile.kind === 'camera');
  const raised = people.filter(({ hand }) => hand > 0).sort((a, b) => a.hand - b.hand);
  const others = people.filter(({ hand }) => hand === 0);
  return [...raised, ...others.filter(({ self }) => self), ...others.filter(({ self }) => !self)];
}
