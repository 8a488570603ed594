import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const folder = new URL('../../src/ui/', import.meta.url);
const tokens = readFileSync(new URL('tokens.css', folder), 'utf8');
const sheets = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.css') && file !== 'tokens.css')
  .map((file) => ({ file, css: readFileSync(new URL(file, folder), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '') }));

test('components write no colour and no duration of their own', () => {
  expect(sheets.length).toBeGreaterThan(10);
  for (const { file, css } of sheets) {
    const values = [...css.matchAll(/:\s*([^;{}]+);/g)].map((match) => match[1] ?? '');
    for (const value of values) {
      expect(value, file).not.toMatch(/#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|color-mix)\(|\b\d+(?:\.\d+)?m?s\b/i);
    }
  }
});

test('components write no distance of their own', () => {
  const distances =
    /^\s*(?:gap|row-gap|column-gap|margin[\w-]*|padding[\w-]*|inset[\w-]*|border-radius)\s*:\s*([^;]+);/gm;
  for (const { file, css } of sheets) {
    for (const [line, value = ''] of css.matchAll(distances)) {
      const own = value.replace(/var\(--[\w-]+\)/g, '').match(/\d*\.?\d+(?:px|rem|em|vw|vh)\b/);
      expect(own, `${file}: ${line.trim()}`).toBeNull();
    }
  }
});

test('every token used exists, and every token is used', () => {
  const defined = new Set([...tokens.matchAll(/^\s*(--[\w-]+):/gm)].map((match) => match[1]));
  const css = sheets.map((sheet) => sheet.css).join('\n');
  const used = new Set([...css.matchAll(/var\((--[\w-]+)/g)].map((match) => match[1]));
  const set = new Set(['--tile-width', '--tile-ratio', '--level', '--share']);
  expect([...used].filter((name) => !defined.has(name) && !set.has(name ?? ''))).toEqual([]);
  expect([...defined].filter((name) => !used.has(name))).toEqual([]);
});

/** WCAG AA for text; for the edge of a field and the focus ring, the 3 to 1 of parts that are not text. */
const TEXT = 4.5;
const PART = 3;
const pairs: [front: string, back: string, least: number][] = [
  ...['page', 'surface', 'raised', 'raised-hover', 'tile'].flatMap((back): [string, string, number][] => [
    ['text', back, TEXT],
    ['text-muted', back, TEXT],
    ['accent-text', back, PART],
  ]),
  ['accent-text', 'page', TEXT],
  ['on-accent', 'accent', TEXT],
  ['on-accent', 'accent-hover', TEXT],
  ['on-off', 'off', TEXT],
  ['on-off', 'off-hover', TEXT],
  ['on-danger', 'danger', TEXT],
  ['on-danger', 'danger-hover', TEXT],
  ['warn-text', 'page', TEXT],
  ['warn-text', 'raised', TEXT],
  ['warn-text', 'tile', PART],
  ['warn-text', 'warn-surface', TEXT],
  ['text', 'warn-surface', TEXT],
  ['danger-text', 'page', TEXT],
  ['danger-text', 'raised', TEXT],
  ['danger-text', 'danger-surface', TEXT],
  ['text', 'danger-surface', TEXT],
  ['line-control', 'page', PART],
  ['line-control', 'surface', PART],
  ...[0, 1, 2, 3, 4, 5].map((n): [string, string, number] => ['on-avatar', `avatar-${n}`, TEXT]),
];

test.each(['light', 'dark'] as const)('text can be read in the %s theme', (theme) => {
  for (const [front, back, least] of pairs) {
    const ratio = contrast(colour(front, theme), colour(back, theme));
    expect(ratio, `${front} on ${back}: ${ratio.toFixed(2)}`).toBeGreaterThanOrEqual(least);
  }
});

function colour(name: string, theme: 'light' | 'dark'): number[] {
  const value = new RegExp(`^\\s*--${name}:\\s*([^;]+);`, 'm').exec(tokens)?.[1] ?? '';
  const both = /light-dark\((#\w{6}),\s*(#\w{6})\)/.exec(value);
  const hex = (both ? both[theme === 'light' ? 1 : 2] : value)?.slice(1) ?? '';
  expect(hex, name).toMatch(/^[0-9a-f]{6}$/);
  return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
}

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(a: number[], b: number[]): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(channels: number[]): number {
  const [red = 0, green = 0, blue = 0] = channels.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
