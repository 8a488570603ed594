// What is secret is written nowhere: not to the console, in addresses, to the server, in storage, nor in what is left of a crash.
import { type Browser as Chromium, expect, type Page, test } from '@playwright/test';
import { chromiumTab, openChromium, type Tab } from './browsers.js';
import { enter, sees, tile } from './meeting.js';
import { TestServer } from './server.js';

let server: TestServer;
let chromium: Chromium;

test.beforeAll(async () => {
  chromium = await openChromium();
});
test.afterAll(async () => chromium?.close());
test.beforeEach(async () => {
  server = await TestServer.start();
});
test.afterEach(async () => server?.stop());

/** Everything that a page writes where others could read it. */
function listen(page: Page, written: string[]): void {
  page.on('console', (message) => written.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => written.push(`error: ${error.stack ?? error.message}`));
  page.on('crash', () => written.push('crash'));
  page.on('request', (request) => written.push(`request: ${request.url()} ${request.postData() ?? ''}`));
  page.on('websocket', (socket) => {
    written.push(`socket: ${socket.url()}`);
    socket.on('framesent', ({ payload }) => written.push(`sent: ${payload}`));
  });
}

/** What a page keeps, and its address. */
function kept(tab: Tab): Promise<string[]> {
  return tab.evaluate(async () => {
    const all = [location.href, document.referrer, JSON.stringify(history.state)];
    for (const storage of [localStorage, sessionStorage]) all.push(JSON.stringify({ ...storage }));
    // The browser's own note of how the page was reached has the address as it was typed, and cannot be cleared.
    const entries = performance.getEntries().filter((e) => e.entryType !== 'navigation');
    all.push(document.cookie, ...entries.map((e) => e.name));
    for (const { name } of await indexedDB.databases()) all.push(name ?? '');
    return all;
  }, undefined);
}

/** The forms in which programs write bytes. */
function forms(secret: string): string[] {
  const bytes = Buffer.from(secret, 'base64url');
  const base64 = bytes.toString('base64').replace(/=+$/, '');
  return [secret, base64, bytes.toString('hex'), [...bytes].join(), [...bytes].join(' ')];
}

test('K14 no secret is written in a call, nor when the engine dies in one', async () => {
  for (const patch of ['none', 'crash'] as const) {
    await server.patchWorker(patch === 'crash' ? 'none' : patch);
    const link = server.link();
    const name = 'Rumpelstilzchen';
    const written: string[] = [];
    const ada = await chromiumTab(chromium, name);
    await enter(ada, link);
    await server.patchWorker(patch);
    const ben = await chromiumTab(chromium, 'Ben', '', (page) => listen(page, written));
    await enter(ben, link);
    if (patch === 'crash') {
      await expect.poll(async () => (await tile(ben, 'Ben (you)'))?.state, { timeout: 45_000 }).toBe('engine_failed');
    } else {
      await sees(ben, name);
    }
    const all = [...written, ...(await kept(ben))];
    expect(all.length).toBeGreaterThan(10);
    const found = (secret: string) => all.filter((text) => text.includes(secret)).map((text) => text.slice(0, 80));
    for (const form of forms(link.split('#')[1] ?? '')) expect(found(form), patch).toEqual([]);
    expect(found(name), patch).toEqual([]);
    expect(found('socket: ').length, 'the test listens').toBeGreaterThan(0);
    expect(found('"type":"join"').length, 'the test reads what is sent').toBeGreaterThan(0);
    for (const tab of [ada, ben]) await tab.close();
  }
});
