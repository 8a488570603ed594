/** What stands in for a picture: one or two letters of a name, and one of a few quiet grounds. */

export const AVATAR_GROUNDS = 6;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** First letters of the first and last word, as people write initials; whole graphemes, so that no emoji is cut. */
export function initials(name: string): string {
  const words = name
    .split(/\s+/u)
    .map(firstLetter)
    .filter((letter) => letter !== '');
  const first = words[0] ?? '?';
  const last = words.length > 1 ? (words.at(-1) ?? '') : '';
  return (first + last).toLocaleUpperCase();
}

/** The same person keeps the same ground: chosen by device, not by the order of joining. */
export function avatarGround(identity: string): number {
  let hash = 0;
  for (const char of identity) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 65_521;
  return hash % AVATAR_GROUNDS;
}

/** The first grapheme that is a letter, a number or a symbol; brackets and quotes are passed over. */
function firstLetter(word: string): string {
  for (const { segment } of graphemes.segment(word)) {
    if (/[\p{L}\p{N}\p{S}]/u.test(segment)) return segment;
  }
  return '';
}
