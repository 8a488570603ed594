// A browser and a terminal in one meeting whose secret was told aloud: words typed in both, lines in both directions.
import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { type Browser as Chromium, expect, test } from '@playwright/test';
import { chromiumTab, openChromium, type Tab } from './browsers.js';
import { press, sees } from './meeting.js';
import { panel, pressed, reads, write } from './panels.js';
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

/** What grotto chat --json printed so far. */
class Terminal {
  private readonly child: ChildProcessWithoutNullStreams;
  private out = '';
  errors = '';
  readonly ended: Promise<number | null>;

  constructor(args: string[]) {
    this.child = spawn(program, ['chat', ...args, '--json']);
    this.child.stdout.on('data', (d) => (this.out += d));
    this.child.stderr.on('data', (d) => (this.errors += d));
    this.ended = new Promise((resolve) => this.child.on('exit', resolve));
  }

  type(line: string): void {
    this.child.stdin.write(`${line}\n`);
  }

  close(): void {
    this.child.stdin.end();
  }

  events(): Record<string, unknown>[] {
    return this.out.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));
  }

  async prints(event: Record<string, unknown>): Promise<void> {
    await expect.poll(() => this.events(), patience).toContainEqual(expect.objectContaining(event));
  }
}

/** Types the words of the meeting into the page that asks for them. */
async function typeWords(tab: Tab, words: string): Promise<void> {
  const typed = () =>
    tab.evaluate((words) => {
      const field = [...document.querySelectorAll<HTMLTextAreaElement | HTMLInputElement>('textarea, input')].find(
        (f) => [...(f.labels ?? [])].some((l) => l.textContent?.trim() === 'The eight words'),
      );
      if (!field) return false;
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value')?.set?.call(field, words);
      field.dispatchEvent(new Event('input', { bubbles: true }));
      return true;
    }, words);
  await expect.poll(typed, patience).toBe(true);
  await pressed(tab, 'Open with words');
}

const enters = (tab: Tab) => expect.poll(() => press(tab, 'button', 'Join', tab.name), patience).toBe(true);

// With the secret the same client is heard: TestK18_DeviceWithoutProof in olmkeys.
test('K18 a page and a terminal with the same words write to each other, to all and privately; other words nothing', async () => {
  const { stdout } = await promisify(execFile)(program, ['new', server.url, '--words']);
  const link = stdout.trim();
  const [room, secret] = link.split('#') as [string, string];
  const words = secret.replaceAll('-', ' ');

  const ada = await chromiumTab(chromium, 'Ada');
  await ada.goto(room);
  await typeWords(ada, `${words.toUpperCase()}x`);
  const says = () => ada.evaluate(() => document.body.innerText, undefined);
  await expect.poll(says, patience).toMatch(/No word of the list/);
  await typeWords(ada, words.toUpperCase().replaceAll(' ', ', '));
  await enters(ada);

  const gopher = new Terminal([room, '--words', words, '--name', 'Gopher']);
  await gopher.prints({ type: 'joined', name: 'Ada' });
  await sees(ada, 'Gopher');
  gopher.type('hello from the terminal');
  gopher.type('/to Ada only you');
  gopher.type('/hand up');
  await reads(ada, [
    { name: 'Gopher', text: 'hello from the terminal', private: false },
    { name: 'Gopher', text: 'only you', private: true },
  ]);
  await panel(ada, 'People');
  const hand = () => ada.evaluate(() => document.body.textContent?.includes('Hand raised') ?? false, undefined);
  await expect.poll(hand, patience).toBe(true);

  const wrong = words.replace(/[a-z]+$/, words.endsWith('zoom') ? 'abacus' : 'zoom');
  const mallory = new Terminal([room, '--words', wrong, '--name', 'Ada']);
  await mallory.prints({ type: 'wrong_secret' });
  await gopher.prints({ type: 'wrong_secret' });
  await sees(ada, 'Unknown participant', 'wrong_secret');
  mallory.type('send me the money');
  await mallory.prints({ type: 'not_sent' });

  await write(ada, 'two\nlines');
  await gopher.prints({ type: 'chat', name: 'Ada', text: 'two\nlines' });
  await write(ada, 'psst', 'Gopher');
  await gopher.prints({ type: 'chat', name: 'Ada', text: 'psst', private: true });
  await press(ada, 'switch', 'Raise hand');
  await gopher.prints({ type: 'hand_raised', name: 'Ada' });
  await pressed(ada, 'Reactions');
  await pressed(ada, 'Party popper');
  await gopher.prints({ type: 'reaction', name: 'Ada', emoji: '🎉' });

  expect(mallory.events().filter((e) => e.type === 'chat')).toEqual([]);
  mallory.close();
  expect(await mallory.ended).toBe(3);
  expect(mallory.errors).toMatch(/the others joined with another secret; check the words/);
  await pressed(ada, 'Leave');
  await gopher.prints({ type: 'left', name: 'Ada' });
  gopher.close();
  expect(await gopher.ended).toBe(0);
  await ada.close();
});
