/** A language nobody speaks, written from right to left: every string is longer and accented, values stay as they are. */
import { en } from '../../src/ui/strings/en/index.ts';
import { type Catalogue, speak } from '../../src/ui/strings/text.ts';

const accents = new Map([...'aeiounyAEIOUNY'].map((letter, i) => [letter, [...'åéïöüñýÅÉÏÖÜÑÝ'][i] ?? letter]));
const LONGER = 0.3;

export function pseudo(text: string): string {
  const accented = text.replace(/\{\w+\}|\p{L}/gu, (part) => accents.get(part) ?? part);
  // An override, since Latin letters would run from left to right in any page.
  return `\u202e${accented}${' ~~~~'.repeat(Math.ceil((text.length * LONGER) / 5))}\u202c`;
}

export function speakPseudo(): void {
  const entries = Object.entries(en).map(([key, text]) => [key, pseudo(text)]);
  speak('ar-XB', Object.fromEntries(entries) as Catalogue);
}
