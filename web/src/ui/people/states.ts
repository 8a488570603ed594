/** How the state of somebody's keys looks: an icon, and how loud it is. The words are the catalogue's `state.*`. */
import { healthy, type TileState, type TileView } from '../../call/view.ts';
import type { IconName } from '../icons.tsx';

export type Tone = 'good' | 'calm' | 'warn';

interface Look {
  icon: IconName;
  tone: Tone;
}

export const looks: Record<TileState, Look> = {
  verified: { icon: 'shield', tone: 'good' },
  known: { icon: 'personCheck', tone: 'calm' },
  new: { icon: 'lock', tone: 'calm' },
  outside_key: { icon: 'key', tone: 'calm' },
  changed_key: { icon: 'alert', tone: 'warn' },
  waiting_for_key: { icon: 'key', tone: 'calm' },
  blocked: { icon: 'blocked', tone: 'calm' },
  cannot_decrypt: { icon: 'lockAlert', tone: 'warn' },
  wrong_secret: { icon: 'lockAlert', tone: 'warn' },
  refused: { icon: 'lockAlert', tone: 'warn' },
  guest: { icon: 'lockAlert', tone: 'warn' },
  no_transform: { icon: 'lockAlert', tone: 'warn' },
  engine_failed: { icon: 'lockAlert', tone: 'warn' },
};

/** Which words say it: a broken engine of ours stops our media from going out, and that of others from being opened. */
export function wordsOf(tile: Pick<TileView, 'state' | 'self'>): TileState {
  return tile.state === 'engine_failed' && !tile.self ? 'cannot_decrypt' : tile.state;
}

/** One can compare keys with those whose keys came to us as theirs. */
export function verifiable(state: TileState): boolean {
  return healthy(state) && state !== 'outside_key';
}
