/** Breakout rooms, as a page around the room sees to them: moderators open and close, and whoever is asked goes. */
import { type Meeting, MOST_ROOMS, type PersonRef } from '../../call/view.ts';

type Call = Pick<Meeting, 'breakouts' | 'tiles'>;

/** Shares everybody else out over this many rooms, in the order in which they are listed. */
export async function shareOut({ breakouts, tiles }: Call, rooms: unknown): Promise<void> {
  const count = rooms === undefined ? 2 : Number(rooms);
  if (!Number.isInteger(count) || count < 1 || count > MOST_ROOMS) {
    throw new Error(`how many rooms: a number from 1 to ${MOST_ROOMS}`);
  }
  allowed(breakouts);
  const others = tiles.value.filter(({ kind, self }) => kind === 'camera' && !self);
  const groups = Array.from({ length: count }, (_, room): PersonRef[] =>
    others.filter((_, place) => place % count === room).map(({ user, device }) => ({ user, device })),
  );
  await breakouts.open(groups);
}

/** To where one is asked, or from a breakout room back to the meeting. */
export function go({ breakouts }: Call): void {
  if (breakouts.invitation.value) return breakouts.accept();
  if (!breakouts.main) throw new Error('nobody asks you into a breakout room, and you are in none');
  breakouts.back();
}

export function allowed({ possible, main }: Meeting['breakouts']): void {
  if (main) throw new Error('this is a breakout room: there are none beside it');
  if (!possible) throw new Error('breakout rooms have secrets of their own: with keys of your page open them yourself');
}
