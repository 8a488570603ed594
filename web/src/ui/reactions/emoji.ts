/** The reactions there are, with their names: what others send besides is not shown. */
import type { Key } from '../strings/text.ts';

export const REACTIONS: ReadonlyMap<string, Key> = new Map([
  ['👍', 'reaction.thumbs_up'],
  ['👏', 'reaction.clap'],
  ['❤️', 'reaction.heart'],
  ['😂', 'reaction.joy'],
  ['😮', 'reaction.surprise'],
  ['🎉', 'reaction.party'],
]);
