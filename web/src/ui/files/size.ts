/** Sizes and shares as the language writes them. */
import { spokenLanguage } from '../strings/text.ts';

const KILO = 1024;

export function textSize(bytes: number): string {
  const large = bytes >= KILO * KILO;
  const value = bytes / (large ? KILO * KILO : KILO);
  const unit = large ? 'megabyte' : 'kilobyte';
  const style = { style: 'unit', unit, maximumFractionDigits: value < 10 ? 1 : 0 } as const;
  return new Intl.NumberFormat(spokenLanguage(), style).format(value);
}

export function textPercent(share: number): string {
  return new Intl.NumberFormat(spokenLanguage(), { style: 'percent' }).format(share);
}
