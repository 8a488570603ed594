/**
 * Finds web addresses in what somebody wrote. `linkParts` cuts a text into words and links; the page shows both as text and
 * makes an anchor of the latter, so that nothing written can become markup.
 */

export type Part = string | { href: string; shown: string };

const CANDIDATE = /https?:\/\/[^\s<>"]+/giu;
/** What ends a sentence and is not likely to end an address. */
const TRAILING = /[.,;:!?'’”»)\]}]+$/u;

export function linkParts(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const shown = trimmed(match[0]);
    const href = address(shown);
    if (href === null) continue;
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push({ href, shown });
    end = match.index + shown.length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

/** A closing bracket stays where its opening one is in the address too, as in those of encyclopedias. */
function trimmed(candidate: string): string {
  const tail = TRAILING.exec(candidate)?.[0] ?? '';
  const kept = candidate.includes('(') && tail.startsWith(')') ? 1 : 0;
  return candidate.slice(0, candidate.length - tail.length + kept);
}

/** Null for what must not be followed: another scheme, or an address whose first part pretends to be the host. */
function address(candidate: string): string | null {
  const url = URL.canParse(candidate) ? new URL(candidate) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return null;
  return url.username === '' && url.password === '' ? url.href : null;
}
