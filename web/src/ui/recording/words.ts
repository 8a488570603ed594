/** How long and how large, as people read it. */
import { spokenLanguage } from '../strings/text.ts';

/** 0:07, 12:30, 1:02:03. */
export function duration(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (n: number) => String(n % 60).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes}:${two(whole)}` : `${Math.floor(minutes / 60)}:${two(minutes)}:${two(whole)}`;
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** In units of thousands, as files are listed. */
export function size(bytes: number): string {
  let power = 0;
  while (power < UNITS.length - 1 && bytes >= 1000 ** (power + 1)) power++;
  const value = bytes / 1000 ** power;
  const digits = power > 1 && value < 100 ? 1 : 0;
  const options = { style: 'unit', unit: UNITS[power], unitDisplay: 'short' } as const;
  return new Intl.NumberFormat(spokenLanguage(), { ...options, maximumFractionDigits: digits }).format(value);
}
