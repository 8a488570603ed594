// Moderation between a page and a terminal, in both directions; and breakout rooms between two pages.
import { type ChildProcess, spawn } from 'node:child_process';
import { type Browser as Chromium, expect, test } from '@playwright/test';
import { chromiumTab, openChromium, type Tab } from './browsers.js';
import { enter, press, sees, tiles } from './meeting.js';
import { act, panel, pressed } from './panels.js';
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

const patience = { timeout: 30_000 };
/** '' while the page goes to another room. */
const words = (tab: Tab) => tab.evaluate(() => document.body.innerText.replace(/\s+/g, ' '), undefined).catch(() => '');
const here = (tab: Tab) =>
  tiles(tab).then(
    (all) => all.map(({ name }) => name).sort(),
    () => [],
  );
const reads = (tab: Tab, what: RegExp) => expect.poll(() => words(tab), patience).toMatch(what);
const switched = (tab: Tab, label: string) =>
  tab.evaluate(
    (label) =>
      [...document.querySelectorAll('[role=switch]')]
        .find((e) => e.textContent?.trim() === label)
        ?.getAttribute('aria-checked'),
    label,
  );

/** A person at a terminal. */
class Terminal {
  private readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  told = '';

  constructor(link: string, name: string) {
    this.child = spawn(`${repository}/bin/grotto`, ['chat', link, '--name', name, '--for', '2m']);
    for (const out of [this.child.stdout, this.child.stderr]) out?.on('data', (d) => (this.told += d));
    this.ended = new Promise((resolve) => this.child.on('exit', resolve));
  }

  type(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  async reads(what: string): Promise<void> {
    await expect.poll(() => this.told, patience).toContain(what);
  }
}

test('a page lets a terminal in and hands over; the terminal switches its microphone off and ends the meeting', async () => {
  const link = server.link();
  const ada = await chromiumTab(chromium, 'Ada');
  await enter(ada, link);
  await panel(ada, 'People');
  await ada.evaluate(() => document.querySelector('summary')?.click(), undefined);
  await expect.poll(() => press(ada, 'switch', 'Waiting room'), patience).toBe(true);
  await expect.poll(() => switched(ada, 'Waiting room'), patience).toBe('true');

  const ben = new Terminal(link, 'Ben');
  await ben.reads('Waiting to be let in.');
  await pressed(ada, 'Let in Ben');
  await ben.reads('Joined');
  await sees(ada, 'Ben');
  await act(ada, 'Ben', 'Make moderator');
  await ben.reads('Your role is now: moderator.');

  await expect.poll(() => switched(ada, 'Microphone'), patience).toBe('true');
  await ben.reads('Ada joined.');
  ben.type('/mute Ada');
  await expect.poll(() => switched(ada, 'Microphone'), patience).toBe('false');
  await reads(ada, /Ben switched your microphone off/);
  ben.type('/end');
  await reads(ada, /The meeting has ended/);
  expect(await ben.ended).toBe(0);
  await ada.close();
});

test('a page waits at the door, comes in, is there again after a reload, and only watches when told to', async () => {
  const link = server.link();
  const ben = new Terminal(link, 'Ben');
  await ben.reads('Joined');
  ben.type('/waiting on');
  await ben.reads('Who comes now has to be let in.');
  const ada = await chromiumTab(chromium, 'Ada');
  await ada.goto(link);
  await expect.poll(() => press(ada, 'button', 'Join', 'Ada'), patience).toBe(true);
  await reads(ada, /Waiting to be let in/);
  await ben.reads('Ada waits to be let in.');
  expect(await tiles(ada)).toEqual([]);
  ben.type('/admit Ada');
  await sees(ada, 'Ben');
  await ada.reload();
  await sees(ada, 'Ben'); // without asking again
  await expect.poll(() => ben.told.match(/Ada joined/g)?.length, patience).toBe(2);
  ben.type('/role Ada viewer');
  await reads(ada, /You are watching/);
  expect(await press(ada, 'switch', 'Microphone')).toBe(false);
  ben.type('/remove Ada');
  await reads(ada, /You were removed from the meeting/);
  ben.type('/end');
  await ben.ended;
  await ada.close();
});

test('somebody is sent to a breakout room, is alone there, and is called back, by a page that was loaded anew', async () => {
  const link = server.link();
  const ada = await chromiumTab(chromium, 'Ada');
  const cleo = await chromiumTab(chromium, 'Cleo');
  await enter(ada, link);
  await enter(cleo, link);
  await sees(ada, 'Cleo');
  await sees(cleo, 'Ada');
  await panel(ada, 'People');
  await ada.evaluate(() => document.querySelector('summary')?.click(), undefined);
  await pressed(ada, 'Breakout rooms');
  await pressed(ada, 'Open the rooms');
  await reads(cleo, /Ada asks you into breakout room 1/);
  await pressed(cleo, 'Go there');
  await reads(cleo, /You are in breakout room 1/);
  await expect.poll(() => here(cleo), patience).toEqual(['Cleo (you)']);
  await expect.poll(() => here(ada), patience).toEqual(['Ada (you)']);
  expect(await cleo.evaluate(() => location.hash, undefined)).toBe('');
  await ada.reload();
  await expect.poll(() => here(ada), patience).toEqual(['Ada (you)']);
  await panel(ada, 'People');
  await ada.evaluate(() => document.querySelector('summary')?.click(), undefined);
  await pressed(ada, 'Breakout rooms');
  await reads(ada, /Room 1 Cleo/);
  await pressed(ada, 'Call everybody back');
  await expect.poll(() => here(cleo), patience).toEqual(['Ada', 'Cleo (you)']);
  await sees(ada, 'Cleo');
  await sees(cleo, 'Ada');
  for (const tab of [ada, cleo]) await tab.close();
});
