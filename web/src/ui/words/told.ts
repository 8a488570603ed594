/** What people type of a meeting that they were told: cut into its name and its words, and one word put in place of another. */

const SECRET_WORDS = 8;
const WORD = /[\p{L}\p{Nd}]+/gu;

export interface ToldMeeting {
  name: string;
  words: string;
}

/** Null where it is not words but something to be read as a link. The last eight are the secret's; what is before them, the name. */
export function asTold(typed: string): ToldMeeting | null {
  if (/[/#:?]/.test(typed)) return null;
  const all = typed.match(WORD) ?? [];
  if (all.length < 2) return null;
  const split = Math.max(0, all.length - SECRET_WORDS);
  return { name: meetingName(all.slice(0, split).join(' ')), words: all.slice(split).join(' ') };
}

/** A name as it stands in a link; people say "amber otter hill" and hear no hyphen. */
export function meetingName(typed: string): string {
  return (typed.toLowerCase().match(WORD) ?? []).join('-');
}

/** Puts `word` in the place of the one at `position`, counted from 1, and leaves everything else as it was typed. */
export function replaceWord(typed: string, position: number, word: string): string {
  let at = 0;
  return typed.replace(WORD, (old) => (++at === position ? word : old));
}
