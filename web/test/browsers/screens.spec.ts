// Every screen of the gallery: axe finds nothing, nothing scrolls sideways, everything one presses is large enough.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { openChromium } from './browsers.js';
import { type Gallery, openGallery } from './gallery.js';

// What axe looks for where: everything once; where only colours are others, colours; and everything else on the smallest
// phone, which is the same as 640 wide at 200 %. A screen is loaded once and looked at in all of these.
const views = [
  { colorScheme: 'dark', width: 1280, height: 800, rules: {} },
  { colorScheme: 'light', width: 1280, height: 800, rules: { runOnly: ['color-contrast'] } },
  { colorScheme: 'light', width: 320, height: 568, rules: { rules: { 'color-contrast': { enabled: false } } } },
] as const;
/** At last, in a language with longer words that runs from right to left, an ordinary phone. */
const strange = { colorScheme: 'dark', width: 390, height: 844 } as const;
const TARGET = 44;

interface View {
  colorScheme: 'dark' | 'light';
  width: number;
  height: number;
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let gallery: Gallery;
let browser: Browser;

test.beforeAll(async () => {
  gallery = await openGallery();
  browser = await openChromium();
});

test.afterAll(async () => {
  await browser?.close();
  await gallery?.close();
});

test('every screen, in both themes, on the smallest phone, and in longer words from right to left', async () => {
  test.setTimeout(900_000); // more than a hundred screens
  const context = await browser.newContext({ reducedMotion: 'reduce' });
  await context.addInitScript({ content: axe });
  const page = await context.newPage();
  await page.goto(gallery.url);
  const scenes = await page.locator('a').allTextContents();
  expect(scenes.length).toBeGreaterThan(15);
  for (const scene of scenes) {
    await show(page, views[0]);
    await page.goto(`${gallery.url}?scene=${scene}`);
    await page.locator('html[data-ready] main:not([aria-busy])').waitFor();
    for (const view of views) {
      if (view !== views[0]) await show(page, view);
      const where = `${scene}, ${view.colorScheme}, ${view.width} wide`;
      expect.soft(await violations(page, view.rules), where).toEqual([]);
      expect.soft(await misfits(page), where).toEqual([]);
    }
    await page.evaluate(() => (globalThis as unknown as { speakStrangely(): void }).speakStrangely());
    await show(page, strange);
    expect.soft(await misfits(page), `${scene}, from right to left`).toEqual([]);
    expect.soft(await markup(page), scene).toEqual([]);
  }
  await context.close();
});

/** Looks at the page this way, once it is drawn so. */
async function show(page: Page, { colorScheme, width, height }: View): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width, height });
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}

/** What axe finds, in a line each. */
async function violations(page: Page, rules: object): Promise<string[]> {
  return page.evaluate(async (rules) => {
    interface Found {
      violations: { id: string; nodes: { html: string }[] }[];
    }
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<Found> } };
    const { violations } = await axe.run({ ...rules, resultTypes: ['violations'] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }, rules);
}

/** What somebody else's words would have become, had they been taken for markup (S6). */
async function markup(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const handlers = [...document.querySelectorAll('*')].filter((e) =>
      [...e.attributes].some((a) => /^on/i.test(a.name)),
    );
    const found = [...document.querySelectorAll('img[src="x"], #app script, #app iframe'), ...handlers];
    return found.map((element) => element.outerHTML);
  });
}

/** Controls that are too small to press, and a page that is too wide. */
async function misfits(page: Page): Promise<string[]> {
  return page.evaluate((least) => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const wide = scrollWidth > clientWidth ? [`${scrollWidth} wide in ${clientWidth}`] : [];
    const controls = [...document.querySelectorAll('button, select, input, textarea, summary')].filter((control) => {
      // A checkbox is pressed by the label around it.
      const box = (control.closest('label') ?? control).getBoundingClientRect();
      // Half a pixel is rounding of rem, not a small button.
      return box.width > 0 && (box.width < least - 0.5 || box.height < least - 0.5);
    });
    return [...wide, ...controls.map((control) => `small: ${control.outerHTML}`)];
  }, TARGET);
}
