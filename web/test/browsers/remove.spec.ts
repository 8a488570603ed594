// Removals between a browser and a terminal, in both directions.
import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { type Browser as Chromium, expect, test } from '@playwright/test';
import { chromiumTab, openChromium, type Tab } from './browsers.js';
import { enter, sees, seesMoving, tiles } from './meeting.js';
import { act, pressed } from './panels.js';
import { repository, TestServer } from './server.js';

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

const program = `${repository}/bin/grotto`;
const patience = { timeout: 30_000 };

const words = (tab: Tab) => tab.evaluate(() => document.body.innerText.replace(/\s+/g, ' '), undefined);

test('a terminal removes a page and changes the link: the other page goes on, and the new link opens', async () => {
  const link = server.link();
  const ada = await chromiumTab(chromium, 'Ada');
  const eve = await chromiumTab(chromium, 'Eve');
  for (const tab of [ada, eve]) await enter(tab, link);
  await sees(ada, 'Eve');
  const { stdout } = await promisify(execFile)(program, ['remove', link, 'Eve', '--change-link']);
  await expect.poll(() => words(eve), patience).toMatch(/You were removed from the meeting/);
  const dan = await chromiumTab(chromium, 'Dan');
  await enter(dan, stdout.trim());
  await seesMoving(dan, 'Ada');
  await seesMoving(ada, 'Dan');
  await eve.close();
  const again = await chromiumTab(chromium, 'Eve'); // her page would load itself anew, beside the test
  await enter(again, link);
  await sees(ada, 'Unknown participant', 'wrong_secret');
  for (const tab of [ada, dan, again]) await tab.close();
});

test('a page removes a terminal, which says so and ends', async () => {
  const link = server.link();
  const ada = await chromiumTab(chromium, 'Ada');
  await enter(ada, link);
  const child = spawn(program, ['chat', link, '--name', 'Mallory']);
  let errors = '';
  child.stderr.on('data', (d) => (errors += d));
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  await sees(ada, 'Mallory');
  await expect.poll(() => errors, patience).toContain('Ada'); // who is here, by name
  await act(ada, 'Mallory', 'Remove and change the link');
  await pressed(ada, 'Remove Mallory and change the link');
  expect(await ended).toBe(1);
  expect(errors).toContain('you were removed from this meeting by Ada');
  await expect.poll(async () => (await tiles(ada)).map((t) => t.name), patience).toEqual(['Ada (you)']);
  await ada.close();
});
