/** The name somebody typed last, kept in this browser only, and only because they typed it. */

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
