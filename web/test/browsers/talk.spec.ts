// What people say besides media: to all, to one, with a hand or a reaction; and the last word of who leaves.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type Browser as Chromium, expect, test } from '@playwright/test';
import type { Browser as Firefox } from 'puppeteer-core';
import { chromiumTab, firefoxTab, openChromium, openFirefox } from './browsers.js';
import { enter, press, sees } from './meeting.js';
import { panel, pressed, reads, write } from './panels.js';
import { repository, TestServer } from './server.js';

let server: TestServer;
let chromium: Chromium;
let firefox: Firefox;

test.beforeAll(async () => {
  server = await TestServer.start();
  chromium = await openChromium();
  firefox = await openFirefox();
});
test.afterAll(async () => {
  await chromium?.close();
  await firefox?.close();
  await server?.stop();
});

/** Keeps the types of what the page sends to the server, and all of its text. */
const keepFrames = `
  globalThis.frames = [];
  globalThis.WebSocket = class extends WebSocket {
    send(text) { globalThis.frames.push(String(text)); super.send(text); }
  };
`;
const frames = () => (globalThis as unknown as { frames: string[] }).frames;

test('lines to all and to one, a hand, a reaction: in Chromium and Firefox, and none of it is the server’s', async () => {
  const link = server.link();
  const ada = await chromiumTab(chromium, 'Ada', keepFrames);
  const ben = await chromiumTab(chromium, 'Ben');
  const fox = await firefoxTab(firefox, 'Fox');
  for (const tab of [ada, ben, fox]) await enter(tab, link);
  for (const [tab, others] of [
    [ada, ['Ben', 'Fox']],
    [ben, ['Ada', 'Fox']],
    [fox, ['Ada', 'Ben']],
  ] as const) {
    for (const other of others) await sees(tab, other);
  }

  await write(ada, 'Good morning\nto all');
  await reads(ben, [{ name: 'Ada', text: 'Good morning\nto all', private: false }]);
  await reads(fox, [{ name: 'Ada', text: 'Good morning\nto all', private: false }]);
  await write(fox, 'Only for Ada', 'Ada');
  await reads(ada, [
    { name: 'You', text: 'Good morning\nto all', private: false },
    { name: 'Fox', text: 'Only for Ada', private: true },
  ]);
  await write(ada, 'Understood', 'Fox');
  const toFox = [
    { name: 'Ada', text: 'Good morning\nto all', private: false },
    { name: 'You', text: 'Only for Ada', private: true },
    { name: 'Ada', text: 'Understood', private: true },
  ];
  await reads(fox, toFox); // lines of two people come in no order of their own
  await write(ben, 'And I read only this');
  const heard = (own: string) => ({
    name: own === 'Ben' ? 'You' : 'Ben',
    text: 'And I read only this',
    private: false,
  });
  await reads(fox, [...toFox, heard('Fox')]);
  await reads(ben, [{ name: 'Ada', text: 'Good morning\nto all', private: false }, heard('Ben')]);

  await press(fox, 'switch', 'Raise hand');
  await pressed(fox, 'Reactions');
  await pressed(fox, 'Party popper');
  await expect.poll(() => ben.evaluate(() => document.body.innerText, undefined), { timeout: 45_000 }).toMatch(/🎉/);
  await panel(ben, 'People');
  const hands = () => ben.evaluate(() => document.body.textContent?.includes('Hand raised') ?? false, undefined);
  await expect.poll(hands, { timeout: 45_000 }).toBe(true);

  const sent = (await ada.evaluate(frames, undefined)).join('\n');
  expect(sent).toContain('"send_data"');
  const inside =
    sent.match(/[A-Za-z0-9+/_-]{8,}/g)?.map((text) => Buffer.from(text, 'base64').toString('latin1')) ?? [];
  expect(inside.length).toBeGreaterThan(10);
  for (const said of ['Good morning', 'Understood', '"Ada"']) {
    for (const text of [sent, ...inside]) expect(text).not.toContain(said);
  }
  for (const tab of [ada, ben, fox]) await tab.close();
});

test('a line that cannot be sent stays in the field', async () => {
  const link = server.link();
  const ada = await chromiumTab(chromium, 'Ada');
  const ben = await chromiumTab(chromium, 'Ben');
  for (const tab of [ada, ben]) await enter(tab, link);
  await sees(ada, 'Ben');
  await panel(ada, 'Chat');
  await server.dropSignalling(6);
  const words = () => ada.evaluate(() => document.body.innerText, undefined);
  await expect.poll(words, { timeout: 45_000 }).toMatch(/Trying again/);
  await ada.evaluate(() => {
    const field = document.querySelector('textarea') as HTMLTextAreaElement;
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value')?.set?.call(field, 'still here');
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
  }, undefined);
  const field = () => ada.evaluate(() => document.querySelector('textarea')?.value, undefined);
  expect(await field()).toBe('still here');
  await expect.poll(words, { timeout: 30_000 }).not.toMatch(/Trying again/);
  await pressed(ada, 'Send');
  await reads(ben, [{ name: 'Ada', text: 'still here', private: false }]);
  for (const tab of [ada, ben]) await tab.close();
});

test('who leaves says so sealed, before the server is told', async () => {
  const link = server.link();
  const ada = await chromiumTab(chromium, 'Ada', keepFrames);
  const ben = await chromiumTab(chromium, 'Ben');
  for (const tab of [ada, ben]) await enter(tab, link);
  await sees(ada, 'Ben');
  await sees(ben, 'Ada');
  const before = (await ada.evaluate(frames, undefined)).length;
  await pressed(ada, 'Leave');
  const types = async () =>
    (await ada.evaluate(frames, undefined)).slice(before).map((text) => (JSON.parse(text) as { type: string }).type);
  await expect.poll(async () => (await types()).at(-1), { timeout: 45_000 }).toBe('leave');
  expect((await types()).slice(-2)).toEqual(['send_data', 'leave']);
  for (const tab of [ada, ben]) await tab.close();
});

/** `grotto chat`, with what it printed so far. */
class Gopher {
  readonly printed: Record<string, unknown>[] = [];
  private readonly child: ChildProcess;

  constructor(link: string) {
    const args = ['chat', link, '--name', 'Gopher', '--json', '--for', '120s'];
    this.child = spawn(`${repository}/bin/grotto`, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.child.stdout) {
      createInterface({ input: this.child.stdout }).on('line', (line) => this.printed.push(JSON.parse(line)));
    }
  }

  type(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  /** Waits until it printed something like this. */
  async prints(event: Record<string, unknown>): Promise<void> {
    await expect.poll(() => this.printed, { timeout: 45_000 }).toContainEqual(expect.objectContaining(event));
  }

  stop(): void {
    this.child.kill('SIGTERM');
  }
}

test('a page and the Go client write to each other, to all and alone; hands and reactions go both ways', async () => {
  const link = server.link();
  const ada = await chromiumTab(chromium, 'Ada');
  const ben = await chromiumTab(chromium, 'Ben');
  for (const tab of [ada, ben]) await enter(tab, link);
  const gopher = new Gopher(link);
  try {
    await sees(ada, 'Gopher');
    await sees(ben, 'Gopher');
    gopher.type('Hello from Go');
    gopher.type('/to Ada Only for Ada');
    gopher.type('/hand up');
    await reads(ben, [{ name: 'Gopher', text: 'Hello from Go', private: false }]);
    await reads(ada, [
      { name: 'Gopher', text: 'Hello from Go', private: false },
      { name: 'Gopher', text: 'Only for Ada', private: true },
    ]);
    await panel(ada, 'People');
    const hands = () => ada.evaluate(() => document.body.textContent?.includes('Hand raised') ?? false, undefined);
    await expect.poll(hands, { timeout: 45_000 }).toBe(true);

    await write(ada, 'Two\nlines', 'Gopher');
    await write(ben, 'To all');
    await pressed(ben, 'Reactions');
    await pressed(ben, 'Red heart');
    await gopher.prints({ type: 'chat', name: 'Ada', text: 'Two\nlines', private: true });
    await gopher.prints({ type: 'chat', name: 'Ben', text: 'To all' });
    await gopher.prints({ type: 'reaction', name: 'Ben', emoji: '❤️' });
  } finally {
    gopher.stop();
  }
  for (const tab of [ada, ben]) await tab.close();
});
