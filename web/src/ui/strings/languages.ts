/**
 * The languages of the page: `begin` speaks the one chosen before in this browser, else the first of the browser's own
 * that there is, else English. `choose` changes it at once, and for later. English comes with the page, since its keys
 * are needed anyway; another is loaded when it is spoken.
 */
import { en } from './en/index.ts';
import { type Catalogue, speak } from './text.ts';

/** Each by its own name, so that who reads no other finds it. */
export const languages = { en: 'English', de: 'Deutsch', fr: 'Français', es: 'Español' } as const;
export type Language = keyof typeof languages;

const load: Record<Language, () => Promise<Catalogue>> = {
  en: async () => en,
  de: async () => (await import('./de/index.ts')).default,
  fr: async () => (await import('./fr/index.ts')).default,
  es: async () => (await import('./es/index.ts')).default,
};

const STORED = 'grotto.language';

export async function begin(browser: readonly string[] = navigator.languages): Promise<void> {
  await speakIn(preferred(browser, stored()));
}

/** As long as this page is open, and if the person has chosen none: for whoever has the room in a frame. `ptBR` is Portuguese. */
export async function speakHere(tag: unknown): Promise<void> {
  const language = /^[a-z]{2,3}(?![a-z])/.exec(String(tag))?.[0] ?? '';
  if (!isLanguage(language)) throw new Error(`the room speaks ${Object.keys(languages).join(', ')} only`);
  if (!isLanguage(stored() ?? '')) await speakIn(language);
}

export async function choose(language: Language): Promise<void> {
  try {
    localStorage.setItem(STORED, language);
  } catch {
    // It holds until the page is closed.
  }
  await speakIn(language);
}

let wanted: Language = 'en';

async function speakIn(language: Language): Promise<void> {
  wanted = language;
  const catalogue = await load[language]().catch(() => null); // offline: it stays as it is
  if (catalogue && wanted === language) speak(language, catalogue);
}

/** `de-AT` is German to us. What was stored by an earlier version of the page may be no language of this one. */
export function preferred(browser: readonly string[], stored: string | null): Language {
  const wishes = [stored ?? '', ...browser].map((tag) => tag.split('-')[0]?.toLowerCase() ?? '');
  return wishes.find(isLanguage) ?? 'en';
}

export function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(languages, tag);
}

function stored(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}
