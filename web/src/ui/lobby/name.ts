/** The name somebody typed last, kept in this browser only, and only because they typed it. */

export const NAME_LIMIT = 64;
const STORED = 'grotto.name';

/** Storage may be switched off: then the name is asked for each time. */
export function rememberedName(): string {
  try {
    return localStorage.getItem(STORED) ?? '';
  } catch {
    return '';
  }
}

export function rememberName(name: string): void {
  try {
    localStorage.setItem(STORED, name);
  } catch {
    // Nothing is lost but the convenience.
  }
}

/** What goes out: no control characters, one line, at most the limit of the profile message. */
export function cleanName(typed: string): string {
  const oneLine = typed
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
  return [...oneLine].slice(0, NAME_LIMIT).join('').trim();
}
