// What people do at the side of a call, by the names of buttons and fields: write, compare emoji, remove somebody.
import { expect } from '@playwright/test';
import type { Tab } from './browsers.js';
import { press, sees } from './meeting.js';

const patience = { timeout: 45_000, intervals: [100, 200] };

/** Presses a button as soon as it is there and can be pressed. */
export async function pressed(tab: Tab, label: string): Promise<void> {
  await expect.poll(() => press(tab, 'button', label), { ...patience, message: `${tab.name}: ${label}` }).toBe(true);
}

/** Opens a panel; one that is open stays so. */
export async function panel(tab: Tab, label: 'Chat' | 'People' | 'More'): Promise<void> {
  const open = await tab.evaluate(
    (label) =>
      [...document.querySelectorAll('button[aria-expanded]')]
        .find((button) => (button.getAttribute('aria-label') ?? button.textContent?.trim()) === label)
        ?.getAttribute('aria-expanded') === 'true',
    label,
  );
  if (!open) await pressed(tab, label);
}

export interface LineSeen {
  name: string;
  text: string;
  private: boolean;
}

/** Writes a line into the chat, to everybody or to one of this name. */
export async function write(tab: Tab, text: string, to = 'Everyone'): Promise<void> {
  await panel(tab, 'Chat');
  await expect
    .poll(
      () =>
        tab.evaluate(
          ({ text, to }) => {
            const field = (label: string) =>
              [...document.querySelectorAll<HTMLSelectElement | HTMLTextAreaElement>('select, textarea')].find((f) =>
                [...f.labels].some((l) => l.textContent?.trim() === label),
              );
            const set = (f: HTMLElement | undefined, value: string, event: string) => {
              if (!f) return;
              Object.getOwnPropertyDescriptor(Object.getPrototypeOf(f), 'value')?.set?.call(f, value);
              f.dispatchEvent(new Event(event, { bubbles: true }));
            };
            const whom = field('To') as HTMLSelectElement | undefined;
            const option = [...(whom?.options ?? [])].find((o) => o.label === to);
            if (!whom || !option) return false;
            set(whom, option.value, 'change');
            set(field('Message'), text, 'input');
            return field('Message')?.value === text;
          },
          { text, to },
        ),
      patience,
    )
    .toBe(true);
  await pressed(tab, 'Send');
}

/** The lines of the chat, which it opens. */
export async function lines(tab: Tab): Promise<LineSeen[]> {
  await panel(tab, 'Chat');
  return tab.evaluate(
    () =>
      [...document.querySelectorAll<HTMLElement>('[role=log] li')].map((li) => ({
        name: li.querySelector('.chat-name')?.textContent ?? '',
        text: li.querySelector('.chat-text')?.textContent ?? '',
        private: li.dataset.private === 'true',
      })),
    undefined,
  );
}

/** Waits until these are the lines of the chat. */
export async function reads(tab: Tab, expected: LineSeen[]): Promise<void> {
  await expect.poll(() => lines(tab), { ...patience, message: `${tab.name} reads` }).toEqual(expected);
}

/** Presses what one can do about somebody. */
export async function act(tab: Tab, name: string, action: string): Promise<void> {
  await panel(tab, 'People');
  await pressed(tab, `Actions for ${name}`);
  await pressed(tab, action);
}

/** The names of the emoji to compare, once they are there. */
export async function emoji(tab: Tab): Promise<string[]> {
  const names = () =>
    tab.evaluate(
      () =>
        [...document.querySelectorAll('[aria-label="Emoji to compare"] .emoji-name')].map((e) => e.textContent ?? ''),
      undefined,
    );
  await expect.poll(async () => (await names()).length, { ...patience, message: `${tab.name} compares` }).toBe(7);
  return names();
}

/** Two people compare emoji, find them the same and say so. */
export async function compare(one: Tab, other: Tab): Promise<void> {
  await act(one, other.name, 'Verify by emoji');
  await panel(other, 'People');
  await pressed(other, 'Compare emoji');
  expect(await emoji(other)).toEqual(await emoji(one));
  await pressed(one, 'They match');
  await pressed(other, 'They match');
  await sees(one, other.name, 'verified');
  await sees(other, one.name, 'verified');
  for (const tab of [one, other]) await pressed(tab, 'Done');
}

/** Ticks a box of the lobby. */
export async function tick(tab: Tab, label: string): Promise<void> {
  await expect
    .poll(
      () =>
        tab.evaluate((label) => {
          const box = [...document.querySelectorAll<HTMLInputElement>('input[type=checkbox]')].find((b) =>
            [...(b.labels ?? [])].some((l) => l.textContent?.trim() === label),
          );
          if (box && !box.checked) box.click();
          return box?.checked ?? false;
        }, label),
      { ...patience, message: `${tab.name}: ${label}` },
    )
    .toBe(true);
}

/** Sets a select by its label. */
export async function choose(tab: Tab, label: string, option: string): Promise<void> {
  const set = () =>
    tab.evaluate(
      ({ label, option }) => {
        const select = [...document.querySelectorAll('select')].find((s) =>
          [...s.labels].some((l) => l.textContent?.trim() === label),
        );
        const found = [...(select?.options ?? [])].find((o) => o.label === option);
        if (!select || !found) return false;
        select.value = found.value;
        select.dispatchEvent(new Event('change', { bubbles: true }));
        return true;
      },
      { label, option },
    );
  await expect.poll(set, { ...patience, message: `${tab.name}: ${label}, ${option}` }).toBe(true);
}

/** Chooses a file for the chat, which is open: so many bytes, all 0x6b. */
export async function share(tab: Tab, name: string, size: number): Promise<void> {
  await tab.evaluate(
    ({ name, size }) => {
      const input = document.querySelector<HTMLInputElement>('input[type=file]');
      const files = new DataTransfer();
      files.items.add(new File([new Uint8Array(size).fill(0x6b)], name, { type: 'text/html' }));
      if (input) input.files = files.files;
      input?.dispatchEvent(new Event('change', { bubbles: true }));
    },
    { name, size },
  );
}
