/** Sizes and shares as the language writes them. */
import { spokenLanguage } from '../strings/text.ts';

const UNITS = ['byte', 'kilobyte', 'megabyte'] as const;
const STEP = 1024;

export function textSize(bytes: number): string {
  let value = bytes;
  let place = 0;
  while (value >= STEP && place < UNITS.length - 1) {
    value /= STEP;
    place++;
  }
  const style = { style: 'unit', unit: UNITS[place] ?? 'byte', maximumFractionDigits: value < 10 ? 1 : 0 } as const;
  return new Intl.NumberFormat(spokenLanguage(), style).format(value);
}

export function textPercent(share: number): string {
  return new Intl.NumberFormat(spokenLanguage(), { style: 'percent' }).format(share);
}
