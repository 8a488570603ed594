// A meeting's secret as eight words, to be told aloud: newWords draws them, readWords turns what a person typed into the
// form that stands in a link. The twin of Go's package wordlist; testdata/vectors.json there is read by both. The list is
// loaded when it is first needed.
//
// Words are drawn, never chosen by people: eight words that somebody thought of can be guessed.

/** What became of words that somebody typed: the secret as it stands in a link, or what is wrong with them. */
export type WordsRead =
  | { ok: true; fragment: string }
  | { ok: false; fault: 'unknown'; word: string; position: number; nearest: string } // from 1; nearest may be ''
  | { ok: false; fault: 'count'; count: number };

export const WORDS = 8;
const MAX_TEXT = 1 << 10; // bytes; the longest secret has 79
const MAX_DISTANCE = 2; // edits, to a word that may have been meant

let list: Promise<readonly string[]> | null = null;

/** The words that are drawn. Those with a '-' of their own are left out: it stands between words. */
export function wordList(): Promise<readonly string[]> {
  list ??= import('../../../olmkeys/wordlist/eff_large.txt?raw').then(
    ({ default: text }) =>
      text
        .split('\n')
        .map((word) => word.trim())
        .filter((word) => word !== '' && !word.includes('-')),
    (error: unknown) => {
      list = null; // the next one who asks tries again
      throw error;
    },
  );
  return list;
}

/** A secret of eight words, as it stands in a link. */
export async function newWords(): Promise<string> {
  return drawWords(await wordList(), WORDS, random16);
}

/** Words for a meeting's name: they keep nothing secret, and are easy to say. */
export async function newName(): Promise<string> {
  return drawWords(await wordList(), 3, random16);
}

function random16(): number {
  return crypto.getRandomValues(new Uint16Array(1))[0] ?? 0;
}

/** `random` gives numbers below 65,536, each as likely as any other. */
export function drawWords(words: readonly string[], count: number, random: () => number): string {
  // What lies above the last whole multiple is drawn again: a remainder would favour the words at the front.
  const most = Math.floor(65_536 / words.length) * words.length;
  const drawn: string[] = [];
  while (drawn.length < count) {
    const n = random();
    if (n < most) drawn.push(words[n % words.length] ?? '');
  }
  return drawn.join('-');
}

/** Reads eight words, in any case, with spaces, commas, dashes, dots or lines between them. */
export async function readWords(text: string): Promise<WordsRead> {
  const words = await wordList();
  // As Go has it, the small form of U+0130 is an i without the dot beside it.
  const typed =
    text
      .replaceAll('\u0130', 'i')
      .toLowerCase()
      .match(/[\p{L}\p{Nd}]+/gu) ?? [];
  if (new TextEncoder().encode(text).length > MAX_TEXT) return { ok: false, fault: 'count', count: typed.length };
  const known = new Set(words);
  for (const [i, word] of typed.entries()) {
    if (!known.has(word)) return { ok: false, fault: 'unknown', word, position: i + 1, nearest: nearest(words, word) };
  }
  if (typed.length !== WORDS) return { ok: false, fault: 'count', count: typed.length };
  return { ok: true, fragment: typed.join('-') };
}

/** The word of the list with the fewest edits from `word`, the first of equals, '' when all are far. */
function nearest(words: readonly string[], word: string): string {
  let best = '';
  let least = Math.min(MAX_DISTANCE, Math.floor(word.length / 2)) + 1;
  for (const candidate of words) {
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const edits = distance(word, candidate);
    if (edits < least) [best, least] = [candidate, edits];
  }
  return best;
}

/** Counts the letters to change, add, leave out or swap with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  const at = (r: number[], j: number) => r[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let edits = Math.min(at(row, j) + 1, at(next, j - 1) + 1, at(row, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        edits = Math.min(edits, at(before, j - 2) + 1);
      }
      next.push(edits);
    }
    before = row;
    row = next;
  }
  return at(row, b.length);
}
