// Comparing emoji between the page and the command line: who begins, who agrees, who says no.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { type Browser as Chromium, expect, test } from '@playwright/test';
import { chromiumTab, openChromium, type Tab } from './browsers.js';
import { enter, sees } from './meeting.js';
import { act, emoji, panel, pressed } from './panels.js';
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

/** `grotto keys verify` at a terminal. */
class Terminal {
  private out = '';
  private errors = '';
  private readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<number | null>;

  constructor(link: string, ...flags: string[]) {
    this.child = spawn(`${repository}/bin/grotto`, ['keys', 'verify', link, '--name', 'Gus', ...flags]);
    this.child.stdout.on('data', (d) => (this.out += d));
    this.child.stderr.on('data', (d) => (this.errors += d));
    this.ended = new Promise((resolve) => this.child.on('exit', resolve));
  }

  async says(what: RegExp): Promise<void> {
    await expect.poll(() => this.out + this.errors, { timeout: 45_000 }).toMatch(what);
  }

  /** The names of the emoji. */
  async emoji(): Promise<string[]> {
    await this.says(/yes\/no/);
    return [...this.out.matchAll(/^ {2}\S+ {2}(.+)$/gm)].map((m) => m[1] ?? '');
  }

  types(line: string): void {
    this.child.stdin.write(`${line}\n`);
  }
}

const words = (tab: Tab) => tab.evaluate(() => document.body.innerText.replace(/\s+/g, ' '), undefined);

test('the command line asks, the page agrees, and both verify', async () => {
  const link = server.link();
  const ada = await chromiumTab(chromium, 'Ada');
  await enter(ada, link);
  const gus = new Terminal(link, '--with', 'Ada');
  await sees(ada, 'Gus');
  await panel(ada, 'People');
  await pressed(ada, 'Compare emoji');
  expect(await emoji(ada)).toEqual(await gus.emoji());
  gus.types('yes');
  await pressed(ada, 'They match');
  expect(await gus.ended).toBe(0);
  await gus.says(/Verified: Ada\./);
  await expect.poll(() => words(ada)).toMatch(/is verified/);
  await ada.close();
});

test('the page asks, and the command line, which waits among several, answers: first yes, then no', async () => {
  const link = server.link();
  const ada = await chromiumTab(chromium, 'Ada');
  const ben = await chromiumTab(chromium, 'Ben');
  for (const tab of [ada, ben]) await enter(tab, link);
  await sees(ada, 'Ben');
  for (const [answer, status, state] of [
    ['yes', 0, 'new'],
    ['no', 3, 'changed_key'], // of the same name as one who was verified, with another key
  ] as const) {
    const gus = new Terminal(link);
    await gus.says(/Here are Ada, Ben\./);
    await sees(ada, 'Gus', state);
    await act(ada, 'Gus', 'Verify by emoji');
    expect(await emoji(ada)).toEqual(await gus.emoji());
    await pressed(ada, 'They match');
    gus.types(answer);
    expect(await gus.ended).toBe(status);
    if (answer === 'no')
      await expect.poll(() => words(ada)).toMatch(/Nothing was verified. The two of you do not have the same keys/);
    else await expect.poll(() => words(ada)).toMatch(/is verified/);
    await pressed(ada, answer === 'no' ? 'Close' : 'Done');
  }
  for (const tab of [ada, ben]) await tab.close();
});
