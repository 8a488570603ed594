// What the browser is given before anything else: the manifest with its icons, and not too much to load.
import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const web = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, web));

interface Icon {
  src: string;
  type: string;
  sizes: string;
}

test('the manifest’s icons are there, of the size it says', () => {
  const { icons, start_url, display } = JSON.parse(read('public/app.webmanifest').toString());
  expect({ start_url, display }).toEqual({ start_url: '/', display: 'standalone' });
  for (const { src, type, sizes } of icons as Icon[]) {
    const file = read(`public${src}`);
    if (type !== 'image/png') continue;
    expect(`${file.readUInt32BE(16)}x${file.readUInt32BE(20)}`, src).toBe(sizes);
  }
  expect(read('index.html').toString()).toContain('<link rel="manifest" href="/app.webmanifest" />');
});

const BUDGET = 200_000; // bytes as gzip, before the key engine, which the lobby loads
const built = existsSync(new URL('dist/index.html', web));

test.skipIf(!built)('the first load stays within its budget, in English and with another language', () => {
  const page = read('dist/index.html').toString();
  const named = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((match) => match[1] ?? '');
  expect(named.length).toBeGreaterThan(2);
  const size = (path: string) => gzipSync(read(path)).length;
  const first = size('dist/index.html') + named.reduce((sum, file) => sum + size(`dist/${file}`), 0);
  const catalogues = ['de', 'fr', 'es'].map((tag) => size(`src/ui/strings/${tag}/call.ts`));
  expect(first + 10 * Math.max(...catalogues)).toBeLessThan(BUDGET);
  const scripts = named.filter((file) => file.endsWith('.js')).map((file) => read(`dist/${file}`).toString());
  for (const script of scripts) expect(script).not.toContain('Besprechung'); // other languages are loaded when spoken
});
