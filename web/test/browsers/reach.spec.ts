// What meets a stranger to the page: it is there at once, small, in their language and fit to be installed; and what
// another stranger says in it stays text.
import { type ChildProcess, spawn } from 'node:child_process';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { openChromium } from './browsers.js';
import { repository, TestServer } from './server.js';

let server: TestServer;
let browser: Browser;

test.beforeAll(async () => {
  server = await TestServer.start();
  browser = await openChromium();
});
test.afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

const BUDGET_MS = 1000;
const BUDGET_BYTES = 200_000; // on the line, before the key engine

/** Notes when the lobby is there, in ms since the page was asked for. */
const clock = `
  new MutationObserver(() => {
    globalThis.lobbyAt ??= document.querySelector('main.lobby input') ? performance.now() : undefined;
  }).observe(document, { childList: true, subtree: true });
`;

test('the lobby is there within a second, of 200 kB, in the browser’s language or the one chosen; it can be installed', async () => {
  const times: number[] = [];
  for (const _ of [1, 2, 3]) {
    const context = await browser.newContext({ locale: 'de-AT' });
    const page = await context.newPage();
    await page.addInitScript({ content: clock });
    await page.goto(server.link());
    await page.getByLabel('Ihr Name').waitFor();
    times.push(await page.evaluate(() => (globalThis as unknown as { lobbyAt: number }).lobbyAt));
    const loaded = await page.evaluate(() =>
      [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .map((entry) => entry as PerformanceResourceTiming)
        .filter(({ name }) => !/engine|worker/.test(name))
        .map(({ name, transferSize }) => ({ name, transferSize })),
    );
    const bytes = loaded.reduce((sum, { transferSize }) => sum + transferSize, 0);
    expect(bytes, JSON.stringify(loaded)).toBeLessThan(BUDGET_BYTES);
    expect(bytes).toBeGreaterThan(20_000);
    if (times.length < 3) await context.close();
    else await installed(page);
  }
  expect(Math.min(...times), `${times}`).toBeLessThan(BUDGET_MS); // other tests' programs may end beside the first
});

/** Another language, over a reload; and the manifest has no fault. */
async function installed(page: Page): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await page.getByText('Erweitert').click();
  await page.getByLabel('Sprache').selectOption('Français');
  await expect(page.getByLabel('Votre nom')).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('Votre nom')).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
  const devtools = await page.context().newCDPSession(page);
  const { url, errors } = await devtools.send('Page.getAppManifest');
  expect({ url, errors }).toEqual({ url: `${server.url}/app.webmanifest`, errors: [] });
  await page.context().close();
}

const NAME = '<img src=x onerror=hit()>';
const LINES = [
  '<script>hit()</script><svg onload=hit()>',
  'javascript:hit() and https://example.org/"onmouseover="hit()',
  '<iframe srcdoc="<script>parent.hit()</script>"></iframe> <style>*{display:none}</style>',
];
const trap = `
  globalThis.hits = [];
  globalThis.hit = () => globalThis.hits.push('run');
  addEventListener('securitypolicyviolation', ({ violatedDirective }) => globalThis.hits.push(violatedDirective));
`;

test('S6 a name and lines that are markup stay text, in the strict policy of the real server', async () => {
  const context = await browser.newContext({ locale: 'en-GB' });
  const page = await context.newPage();
  await page.addInitScript({ content: trap });
  const link = server.link();
  await page.goto(link);
  await page.getByLabel('Your name').fill('Ada');
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  await page.getByRole('button', { name: 'Chat' }).click();
  const mallory = chat(link, NAME);
  try {
    await expect(page.locator('figure[data-state]', { hasText: NAME })).toBeVisible({ timeout: 45_000 });
    for (const line of LINES) mallory.stdin?.write(`${line}\n`);
    for (const line of LINES) await expect(page.getByText(line)).toBeVisible({ timeout: 45_000 });
    const found = await page.evaluate(() => ({
      hits: (globalThis as unknown as { hits: string[] }).hits,
      elements: document.querySelectorAll('script:not([src]), iframe, style, img, object, embed').length,
      handlers: [...document.querySelectorAll('*')].filter((e) => [...e.attributes].some((a) => /^on/i.test(a.name)))
        .length,
      links: [...document.querySelectorAll<HTMLAnchorElement>('[role=log] a')].map(({ href, rel }) => ({ href, rel })),
    }));
    expect(found).toMatchObject({ hits: [], elements: 0, handlers: 0 });
    expect(found.links.length).toBeGreaterThan(0);
    for (const { href, rel } of found.links) {
      expect(href).toMatch(/^https:\/\/example\.org\//);
      expect(rel).toContain('noopener');
    }
    // The control: what the page would never do itself is stopped by the policy, and would have been noticed.
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'hit()';
      document.body.append(script);
      document.body.setAttribute('onclick', 'hit()');
      document.body.click();
    });
    const stopped = () => page.evaluate(() => (globalThis as unknown as { hits: string[] }).hits);
    await expect.poll(stopped).toEqual(['script-src-elem', 'script-src-attr']);
  } finally {
    mallory.kill('SIGTERM');
  }
  await context.close();
});

function chat(link: string, name: string): ChildProcess {
  const args = ['chat', link, '--name', name, '--for', '60s'];
  return spawn(`${repository}/bin/grotto`, args, { stdio: ['pipe', 'ignore', 'inherit'] });
}
