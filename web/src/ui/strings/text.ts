/**
 * Strings by key. `text` fills in values, `textCount` picks the plural form, `textList` joins names as the language does;
 * `known` tells whether a key made at run time (a problem's code, a state) is in the catalogue.
 */
import { en } from './en.ts';

export type Key = keyof typeof en;
export type Catalogue = Record<Key, string>;

export const language = 'en';
const catalogue: Catalogue = en;
const plurals = new Intl.PluralRules(language);
const lists = new Intl.ListFormat(language, { type: 'conjunction' });

type Values = Record<string, string | number>;

export function text(key: Key, values: Values = {}): string {
  return catalogue[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Stems of keys that come in plural forms: `toast.more` for `toast.more.one` and `toast.more.other`. */
export type PluralStem = { [K in Key]: K extends `${infer Stem}.other` ? Stem : never }[Key];

export function textCount(stem: PluralStem, count: number, values: Values = {}): string {
  const form = `${stem}.${plurals.select(count)}`;
  return text(known(form) ? form : (`${stem}.other` as Key), { count, ...values });
}

export function textList(items: string[]): string {
  return lists.format(items);
}

export function known(key: string): key is Key {
  return Object.hasOwn(catalogue, key);
}
