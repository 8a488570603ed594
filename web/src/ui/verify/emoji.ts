/**
 * Matrix's 64 emoji for comparing keys, in the order of its specification ("SAS method: emoji"): an index on one side must
 * be the same picture on the other. Their names are in the catalogue.
 */
import { type Key, text } from '../strings/text.ts';

// biome-ignore format: eight a line, as one counts them
const EMOJI = [
  '🐶', '🐱', '🦁', '🐎', '🦄', '🐷', '🐘', '🐰',
  '🐼', '🐓', '🐧', '🐢', '🐟', '🐙', '🦋', '🌷',
  '🌳', '🌵', '🍄', '🌏', '🌙', '☁️', '🔥', '🍌',
  '🍎', '🍓', '🌽', '🍕', '🎂', '❤️', '😀', '🤖',
  '🎩', '👓', '🔧', '🎅', '👍', '☂️', '⌛', '⏰',
  '🎁', '💡', '📕', '✏️', '📎', '✂️', '🔒', '🔑',
  '🔨', '☎️', '🏁', '🚂', '🚲', '✈️', '🚀', '🏆',
  '⚽', '🎸', '🎺', '🔔', '⚓', '🎧', '📁', '📌',
] as const;

export interface NamedEmoji {
  picture: string;
  name: string;
}

/** What the engine's index stands for. It sends no other than 0 to 63. */
export function emojiAt(index: number): NamedEmoji {
  const picture = EMOJI[index];
  if (picture === undefined) throw new RangeError(`there is no emoji ${index}`);
  return { picture, name: text(`emoji.${index}` as Key) };
}
