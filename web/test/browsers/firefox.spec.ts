// A whole meeting between two Firefox: what besides media works there as in Chromium, in one go. Not a recording: its sound
// needs a speaker there, and a machine that tests has none.
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { Browser as Firefox } from 'puppeteer-core';
import { firefoxTab, openFirefox, type Tab } from './browsers.js';
import { enter, hears, press, sees, seesMoving, tiles } from './meeting.js';
import { choose, panel, pressed, share, tick } from './panels.js';
import { TestServer } from './server.js';

let server: TestServer;
let firefox: Firefox;
const downloads = mkdtempSync(join(tmpdir(), 'grotto-downloads-'));

test.beforeAll(async () => {
  server = await TestServer.start();
  firefox = await openFirefox(downloads);
});
test.afterAll(async () => {
  await firefox?.close();
  await server?.stop();
});

const patience = { timeout: 45_000, intervals: [100, 250] };
/** '' while the page goes to another room. */
const words = (tab: Tab) => tab.evaluate(() => document.body.innerText.replace(/\s+/g, ' '), undefined).catch(() => '');
const reads = (tab: Tab, what: RegExp) =>
  expect.poll(() => words(tab), { ...patience, message: `${tab.name} reads ${what}` }).toMatch(what);
const here = (tab: Tab) =>
  tiles(tab).then(
    (all) => all.map(({ name }) => name).sort(),
    () => [],
  );

/** What came of a download, once it is whole. */
async function downloaded(name: RegExp): Promise<string> {
  let found = '';
  await expect
    .poll(() => {
      const names = readdirSync(downloads);
      found = join(downloads, names.find((n) => name.test(n)) ?? '');
      return names.some((n) => name.test(n)) && !existsSync(`${found}.part`) && readFileSync(found).length > 0;
    }, patience)
    .toBe(true);
  return found;
}

test('the door, a voice without noise, a file, a led view and a breakout room, between two Firefox', async () => {
  const link = server.link();
  const fay = await firefoxTab(firefox, 'Fay');
  const fox = await firefoxTab(firefox, 'Fox');
  await fay.goto(link);
  await tick(fay, 'Take noise out of your voice');
  await enter(fay, '');
  await test.step('the door', async () => {
    await panel(fay, 'People');
    await fay.evaluate(() => document.querySelector('summary')?.click(), undefined);
    await expect.poll(() => press(fay, 'switch', 'Waiting room'), patience).toBe(true);
    await fox.goto(link);
    await expect.poll(() => press(fox, 'button', 'Join', 'Fox'), patience).toBe(true);
    await reads(fox, /Waiting to be let in/);
    await pressed(fay, 'Let in Fox');
    await sees(fay, 'Fox');
    await sees(fox, 'Fay');
    await seesMoving(fox, 'Fay');
    await hears(fox); // without noise
  });
  await test.step('a led view', async () => {
    await pressed(fay, 'View');
    expect(await press(fay, 'switch', 'Show everybody my view')).toBe(true);
    await reads(fox, /Fay shows you what they see/);
    await choose(fay, 'People', 'Whoever speaks is large');
    const strip = () => fox.evaluate(() => document.querySelectorAll('.strip figure').length, undefined);
    await expect.poll(strip, patience).toBe(1);
  });
  await test.step('a file', async () => {
    await panel(fay, 'Chat');
    await share(fay, 'minutes.bin', 60_001);
    await panel(fox, 'Chat');
    await pressed(fox, 'Download minutes.bin');
    await pressed(fox, 'Save minutes.bin');
    const whole = createHash('sha256').update(Buffer.alloc(60_001, 0x6b)).digest('hex');
    const saved = await downloaded(/^minutes\.bin$/);
    expect(createHash('sha256').update(readFileSync(saved)).digest('hex')).toBe(whole);
  });
  await test.step('a breakout room', async () => {
    await panel(fay, 'People');
    await fay.evaluate(() => document.querySelector('summary')?.click(), undefined);
    await pressed(fay, 'Breakout rooms');
    await pressed(fay, 'Open the rooms');
    await pressed(fox, 'Go there');
    await expect.poll(() => here(fox), patience).toEqual(['Fox (you)']);
    await expect.poll(() => here(fay), patience).toEqual(['Fay (you)']);
    await pressed(fay, 'Call everybody back');
    await expect.poll(() => here(fox), patience).toHaveLength(2);
    await seesMoving(fay, 'Fox');
  });
  for (const tab of [fay, fox]) await tab.close();
});
