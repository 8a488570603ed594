/** Breakout rooms, as a page around the room sees to them: moderators open, fill and close, and whoever is asked goes. */
import { slugOf } from '../../call/link.ts';
import { type BreakoutRoom, type Meeting, MOST_ROOMS, type PersonRef } from '../../call/view.ts';
import { participantId } from './protocol.ts';

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

/** Opens one more, for nobody yet. */
export async function add({ breakouts }: Call): Promise<void> {
  allowed(breakouts);
  if (breakouts.rooms.value.length >= MOST_ROOMS) throw new Error(`there are ${MOST_ROOMS} rooms already`);
  await breakouts.add();
}

/** Asks one who is here into a room; or moves one who was sent before, back here where no room is named. */
export async function send({ breakouts, tiles }: Call, id: unknown, to: unknown): Promise<void> {
  allowed(breakouts);
  const rooms = breakouts.rooms.value;
  const room = to === undefined || to === null || to === '' ? null : rooms.find((open) => idOf(open) === to);
  if (room === undefined)
    throw new Error('there is no breakout room of this id: listBreakoutRooms has those there are');
  const sent = rooms.flatMap(({ people }) => people).find((person) => person.id === id);
  if (sent) return breakouts.move(sent.id, room?.name ?? null);
  const here = tiles.value.find((tile) => tile.kind === 'camera' && !tile.self && participantId(tile) === id);
  if (!here) throw new Error('nobody of this id is here, or was sent to a breakout room');
  if (!room) throw new Error('they are here: name the room to send them to');
  breakouts.send({ user: here.user, device: here.device }, room.name);
}

/** To where one is asked, or from a breakout room back to the meeting. */
export async function go({ breakouts }: Call): Promise<void> {
  if (breakouts.invitation.value) return breakouts.accept();
  if (!breakouts.main) throw new Error('nobody asks you into a breakout room, and you are in none');
  breakouts.back();
}

/** How the page names a room: without its secret, which it needs for nothing. */
export function idOf({ url }: BreakoutRoom): string {
  return slugOf(new URL(url, 'https://room').pathname);
}

function allowed({ possible, main }: Meeting['breakouts']): void {
  if (main) throw new Error('this is a breakout room: there are none beside it');
  if (!possible) throw new Error('breakout rooms have secrets of their own: with keys of your page open them yourself');
}
