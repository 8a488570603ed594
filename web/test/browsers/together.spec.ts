// Polls and files, in one call: what each page counts, and a file from one to the other, which the server relays unread.
import { createHash } from 'node:crypto';
import { type Browser as Chromium, expect, test } from '@playwright/test';
import { chromiumTab, openChromium, type Tab } from './browsers.js';
import { enter, press, sees } from './meeting.js';
import { panel, pressed, share } from './panels.js';
import { TestServer } from './server.js';

let server: TestServer;
let chromium: Chromium;

test.beforeAll(async () => {
  server = await TestServer.start();
  chromium = await openChromium();
});
test.afterAll(async () => {
  await chromium?.close();
  await server?.stop();
});

const patience = { timeout: 45_000, intervals: [100, 250, 500] };
const SIZE = 60_001; // three chunks

/** Keeps what the page sends to the server, and hashes of what it saves. */
const keep = `
  globalThis.frames = [];
  globalThis.WebSocket = class extends WebSocket {
    send(text) { globalThis.frames.push(String(text)); super.send(text); }
  };
  globalThis.saved = [];
  const make = URL.createObjectURL;
  URL.createObjectURL = (blob) => {
    blob.arrayBuffer().then((bytes) => crypto.subtle.digest('SHA-256', bytes)).then((hash) =>
      globalThis.saved.push([blob.type, [...new Uint8Array(hash)].map((b) => b.toString(16).padStart(2, '0')).join('')]));
    return make(blob);
  };
`;

const words = (tab: Tab, of: string) =>
  tab.evaluate((of) => (document.querySelector(of) as HTMLElement | null)?.innerText ?? '', of);

function fill(tab: Tab, label: string, value: string): Promise<void> {
  return tab.evaluate(
    ({ label, value }) => {
      const field = [...document.querySelectorAll('input')].find((i) =>
        [...(i.labels ?? [])].some((l) => l.textContent?.trim() === label),
      );
      if (!field) throw new Error(`no field ${label}`);
      field.value = value;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    },
    { label, value },
  );
}

test('a poll is answered and counted by both; a file is offered, taken, and whole; the server reads neither', async () => {
  const link = server.link();
  const ada = await chromiumTab(chromium, 'Ada', keep);
  const ben = await chromiumTab(chromium, 'Ben', keep);
  await Promise.all([ada, ben].map((tab) => enter(tab, link)));
  await sees(ada, 'Ben');
  await sees(ben, 'Ada');

  await panel(ada, 'More');
  await pressed(ada, 'Polls');
  await pressed(ada, 'New poll');
  await fill(ada, 'Question', 'Tea or coffee?');
  await fill(ada, 'Answer 1', 'Tea');
  await fill(ada, 'Answer 2', 'Coffee');
  await pressed(ada, 'Ask everybody');
  await pressed(ben, 'Answer');
  await expect
    .poll(
      () =>
        ben.evaluate(() => {
          const choice = [...document.querySelectorAll<HTMLInputElement>('.poll input')][1];
          choice?.click();
          return choice?.checked ?? false;
        }, undefined),
      patience,
    )
    .toBe(true);
  for (const tab of [ada, ben]) {
    await expect.poll(() => words(tab, '.poll'), patience).toMatch(/Tea or coffee\?\s+Tea\s+0\s+.*Coffee\s+1\s+/s);
  }

  await panel(ada, 'Chat');
  await share(ada, '../minutes <b>.html', SIZE);
  await panel(ben, 'Chat');
  await pressed(ben, 'Download _minutes _b_.html');
  await expect.poll(() => press(ben, 'button', 'Save _minutes _b_.html'), patience).toBe(true);
  const saved = () => ben.evaluate(() => (globalThis as unknown as { saved: string[][] }).saved, undefined);
  const hash = createHash('sha256').update(Buffer.alloc(SIZE, 0x6b)).digest('hex');
  await expect.poll(saved, patience).toEqual([['application/octet-stream', hash]]);
  await expect.poll(() => words(ada, '.file'), patience).toContain('One person has it');

  const sent = await ada.evaluate(() => (globalThis as unknown as { frames: string[] }).frames.join('\n'), undefined);
  expect(sent).toContain('"to":[{'); // the parts of the file, to who asked for them
  const told = [Buffer.from('coffee'), Buffer.from('minutes'), Buffer.alloc(48, 0x6b)];
  for (const text of told) {
    expect(sent).not.toContain(text.toString());
    expect(sent).not.toContain(text.toString('base64'));
  }
  for (const tab of [ada, ben]) await tab.close();
});
