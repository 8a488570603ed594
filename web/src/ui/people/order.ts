/** Who comes first in the list of people: raised hands, the one up longest first; then oneself; then as they came. */
import type { TileView } from '../../call/view.ts';

export function inOrder(tiles: TileView[]): TileView[] {
  const people = tiles.filter((tile) => tile.kind === 'camera');
  const raised = people.filter(({ hand }) => hand > 0).sort((a, b) => a.hand - b.hand);
  const others = people.filter(({ hand }) => hand === 0);
  return [...raised, ...others.filter(({ self }) => self), ...others.filter(({ self }) => !self)];
}
