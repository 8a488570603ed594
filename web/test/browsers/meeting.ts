// A meeting as a person meets it: by the names of buttons, switches and tiles. Nothing here reaches into the product.
import { expect } from '@playwright/test';
import type { Tab } from './browsers.js';

export interface TileSeen {
  name: string;
  state: string;
  user: string;
  device: string;
  words: string;
}

export interface Reception {
  frames: number;
  audioEnergy: number;
  codecs: string[];
}

// A look costs less than a call that waits for one.
const patience = { timeout: 45_000, intervals: [100, 200] };

/** Opens the link, unless it is open already (''), writes the name and presses Join. */
export async function enter(tab: Tab, link: string): Promise<void> {
  if (link !== '') await tab.goto(link);
  await expect.poll(() => press(tab, 'button', 'Join', tab.name), patience).toBe(true);
  await expect.poll(() => tiles(tab).then((all) => all.length), patience).toBeGreaterThan(0);
}

/** Presses a button or a switch by its accessible name; false if it is not there or disabled. Types the name first. */
export async function press(tab: Tab, role: 'button' | 'switch', label: string, name?: string): Promise<boolean> {
  return tab.evaluate(
    ({ role, label, name }) => {
      const labelled = (e: Element) => (e.getAttribute('aria-label') ?? e.textContent ?? '').trim() === label;
      if (name !== undefined) {
        const box = [...document.querySelectorAll('input')].find(
          (i) =>
            [...(i.labels ?? [])].some((l) => l.textContent?.trim() === 'Your name') ||
            i.getAttribute('aria-label') === 'Your name',
        );
        if (!box) return false;
        if (box.value !== name) {
          Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(box, name);
          box.dispatchEvent(new Event('input', { bubbles: true }));
          return false;
        }
      }
      const control = [
        ...document.querySelectorAll<HTMLButtonElement>(role === 'switch' ? '[role=switch]' : 'button'),
      ].find(labelled);
      if (!control || control.disabled || control.getAttribute('aria-disabled') === 'true') return false;
      control.click();
      return true;
    },
    { role, label, name },
  );
}

export async function tiles(tab: Tab): Promise<TileSeen[]> {
  return tab.evaluate(
    () =>
      [...document.querySelectorAll<HTMLElement>('figure[data-state]')].map((f) => ({
        name:
          f.getAttribute('aria-label') ??
          document.getElementById(f.getAttribute('aria-labelledby') ?? '')?.textContent?.trim() ??
          f.querySelector('figcaption')?.textContent?.trim() ??
          '',
        state: f.dataset.state ?? '',
        user: f.dataset.user ?? '',
        device: f.dataset.device ?? '',
        words: f.innerText,
      })),
    undefined,
  );
}

export async function tile(tab: Tab, name: string): Promise<TileSeen | undefined> {
  return (await tiles(tab)).find((t) => t.name === name);
}

/** Waits until the tile of this name is there in this state. */
export async function sees(tab: Tab, name: string, state = 'new'): Promise<void> {
  await expect
    .poll(async () => (await tile(tab, name))?.state ?? `no tile; there are ${JSON.stringify(await tiles(tab))}`, {
      ...patience,
      message: `${tab.name} sees ${name}`,
    })
    .toBe(state);
}

/** Waits until the picture on the tile of this name moves: two looks at its pixels that differ. */
export async function seesMoving(tab: Tab, name: string): Promise<void> {
  let before = '';
  await expect
    .poll(
      async () => {
        const now = await pixels(tab, name);
        const moved = now !== '' && before !== '' && now !== before;
        before = now || before;
        return moved;
      },
      { ...patience, message: `the picture of ${name} moves at ${tab.name}` },
    )
    .toBe(true);
}

/** A small copy of the picture on a tile, or '' where there is none (or it is black). */
export async function pixels(tab: Tab, name: string): Promise<string> {
  return tab.evaluate((name) => {
    const figure = [...document.querySelectorAll<HTMLElement>('figure[data-state]')].find(
      (f) =>
        (f.getAttribute('aria-label') ??
          document.getElementById(f.getAttribute('aria-labelledby') ?? '')?.textContent?.trim() ??
          f.querySelector('figcaption')?.textContent?.trim()) === name,
    );
    const video = figure?.querySelector('video');
    if (!video?.videoWidth) return '';
    const canvas = document.createElement('canvas');
    canvas.width = 32;
    canvas.height = 24;
    const paint = canvas.getContext('2d');
    if (!paint) return '';
    paint.drawImage(video, 0, 0, 32, 24);
    const data = paint.getImageData(0, 0, 32, 24).data;
    return data.some((v, i) => i % 4 !== 3 && v > 16) ? [...data].join() : '';
  }, name);
}

/** What all receivers of a page have decoded so far. */
export async function reception(tab: Tab): Promise<Reception> {
  return tab.evaluate(async () => {
    const seen: Reception = { frames: 0, audioEnergy: 0, codecs: [] };
    for (const connection of (globalThis as unknown as { connections: RTCPeerConnection[] }).connections) {
      if (connection.connectionState === 'closed') continue;
      const report = await connection.getStats();
      report.forEach((s) => {
        if (s.type !== 'inbound-rtp') return;
        seen.frames += s.framesDecoded ?? 0;
        seen.audioEnergy += s.totalAudioEnergy ?? 0;
        const codec = report.get(s.codecId)?.mimeType;
        if (s.kind === 'video' && s.framesDecoded > 0 && codec) seen.codecs.push(codec);
      });
    }
    return seen;
  }, undefined);
}

/** Waits until a page has sent so many more pictures, however fast it makes them. */
export async function sendsMore(tab: Tab, pictures: number): Promise<void> {
  const sent = () =>
    tab.evaluate(async () => {
      let frames = 0;
      for (const connection of (globalThis as unknown as { connections: RTCPeerConnection[] }).connections) {
        (await connection.getStats()).forEach((s) => {
          if (s.type === 'outbound-rtp') frames += s.framesSent ?? 0;
        });
      }
      return frames;
    }, undefined);
  const before = await sent();
  await expect
    .poll(sent, { timeout: 90_000, intervals: [500], message: `${tab.name} sends` })
    .toBeGreaterThan(before + pictures);
}

/** Waits until frames are decoded, and keep being decoded. */
export async function decodes(tab: Tab): Promise<void> {
  const start = (await reception(tab)).frames;
  await expect
    .poll(() => reception(tab).then((r) => r.frames), { ...patience, message: `${tab.name} decodes` })
    .toBeGreaterThan(start + 10);
}

export async function hears(tab: Tab): Promise<void> {
  const start = (await reception(tab)).audioEnergy;
  await expect
    .poll(() => reception(tab).then((r) => r.audioEnergy), { ...patience, message: `${tab.name} hears` })
    .toBeGreaterThan(start);
}
