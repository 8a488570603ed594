/**
 * Strings by key. `text` fills in values, `textCount` picks the plural form, `textList` and `textTime` write as the
 * language does; `known` tells whether a key made at run time (a problem's code, a state) is in the catalogue. A component
 * that calls them while it is drawn is drawn again when the language changes.
 */
import { signal } from '@preact/signals';
import { en } from './en/index.ts';

export type Key = keyof typeof en;
export type Catalogue = In<typeof en>;
/** The same keys in another language: a file of `de/` has this type of its namesake in `en/`. */
export type In<English> = { readonly [K in keyof English]: string };

interface Spoken {
  /** As in BCP 47. */
  language: string;
  catalogue: Catalogue;
  plurals: Intl.PluralRules;
  lists: Intl.ListFormat;
  clock: Intl.DateTimeFormat;
}

const spoken = signal<Spoken>(speaking('en', en));

function speaking(language: string, catalogue: Catalogue): Spoken {
  return {
    language,
    catalogue,
    plurals: new Intl.PluralRules(language),
    lists: new Intl.ListFormat(language, { type: 'conjunction' }),
    clock: new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
  };
}

/** From now on all text is of this catalogue. */
export function speak(language: string, catalogue: Catalogue): void {
  spoken.value = speaking(language, catalogue);
}

export function spokenLanguage(): string {
  return spoken.value.language;
}

type Values = Record<string, string | number>;

export function text(key: Key, values: Values = {}): string {
  return spoken.value.catalogue[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Stems of keys that come in plural forms: `toast.more` for `toast.more.one` and `toast.more.other`. */
export type PluralStem = { [K in Key]: K extends `${infer Stem}.other` ? Stem : never }[Key];

export function textCount(stem: PluralStem, count: number, values: Values = {}): string {
  const form = `${stem}.${spoken.value.plurals.select(count)}`;
  return text(known(form) ? form : (`${stem}.other` as Key), { count, ...values });
}

export function textList(items: string[]): string {
  return spoken.value.lists.format(items);
}

/** Hour and minute of a moment. */
export function textTime(at: number): string {
  return spoken.value.clock.format(at);
}

export function known(key: string): key is Key {
  return Object.hasOwn(en, key);
}
