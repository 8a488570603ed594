// Bad networks: lines that lose packets, and lines whose capacity halves and comes back. Everything stays sealed.
import { type Browser as Chromium, expect, test } from '@playwright/test';
import type { Browser as Firefox } from 'puppeteer-core';
import { chromiumTab, firefoxTab, fullCamera, openChromium, openFirefox, type Tab } from './browsers.js';
import { decodes, enter, hears, sees, seesMoving, tiles } from './meeting.js';
import { TestServer } from './server.js';

let server: TestServer;
let chromium: Chromium;
let firefox: Firefox;

test.beforeAll(async () => {
  server = await TestServer.start('-badnet');
  chromium = await openChromium();
  firefox = await openFirefox();
});
test.afterAll(async () => {
  await chromium?.close();
  await firefox?.close();
  await server?.stop();
});

const patience = { timeout: 60_000, intervals: [500, 1000] };

interface Watched {
  decoded: number;
  lost: number; // packets that were missing at first
  soundAskedFor: number; // packets of sound that were asked for again
  refused: Record<string, number>; // frames that did not open, by track; but for those where the newest came twice
}

/** What the receivers of a page have had so far. */
async function watched(tab: Tab): Promise<Watched> {
  return tab.evaluate(async () => {
    const page = globalThis as unknown as {
      connections: RTCPeerConnection[];
      counts: Record<string, { failed: number; last: string | null }>;
    };
    const seen: Watched = { decoded: 0, lost: 0, soundAskedFor: 0, refused: {} };
    for (const connection of page.connections) {
      (await connection.getStats()).forEach((s) => {
        if (s.type === 'inbound-rtp' && s.kind === 'audio') seen.soundAskedFor += s.nackCount ?? 0;
        if (s.type !== 'inbound-rtp' || s.kind !== 'video') return;
        seen.decoded += s.framesDecoded ?? 0;
        seen.lost += Math.max(s.nackCount ?? 0, s.packetsLost ?? 0);
      });
    }
    // A packet that comes twice can make its frame twice, and the second is refused.
    for (const [track, { failed, last }] of Object.entries(page.counts))
      if (last !== 'replay') seen.refused[track] = failed;
    return seen;
  }, undefined);
}

/** What came since then opened. */
function opens(tab: Tab, before: Watched | undefined, now: Watched): void {
  for (const [track, failed] of Object.entries(now.refused))
    expect(failed, `${tab.name} opens all that comes on ${track}`).toBe(before?.refused[track] ?? 0);
}

test('5 % loss, there and back: both see and hear each other, and nothing fails to open', async () => {
  await server.network('loss=0.05&delay=20ms&jitter=5ms');
  const link = server.link();
  const all = [
    await chromiumTab(chromium, 'Ada', fullCamera),
    await chromiumTab(chromium, 'Ben', fullCamera),
    await firefoxTab(firefox, 'Fox', fullCamera),
  ];
  for (const tab of all) await enter(tab, link);
  for (const tab of all) {
    for (const other of all) if (other !== tab) await sees(tab, other.name);
    await decodes(tab);
    await hears(tab);
  }
  const before = await Promise.all(all.map(watched));
  for (const [i, tab] of all.entries()) {
    for (const other of all) if (other !== tab) await seesMoving(tab, other.name);
    // A hundred frames, and packets that came only when they were asked for.
    const look = async () => (await watched(tab)).decoded - (before[i]?.decoded ?? 0);
    await expect.poll(look, { ...patience, message: `${tab.name} decodes` }).toBeGreaterThan(100);
    await expect.poll(async () => (await watched(tab)).lost, patience).toBeGreaterThan(0);
    if (tab !== all[2]) await expect.poll(async () => (await watched(tab)).soundAskedFor, patience).toBeGreaterThan(0);
    opens(tab, before[i], await watched(tab));
  }
  for (const tab of all) await tab.close();
});

test('a line whose capacity halves and comes back: a smaller picture, then the large one again', async () => {
  await server.network('delay=20ms');
  const link = server.link();
  const [ada, ben] = [await chromiumTab(chromium, 'Ada', fullCamera), await chromiumTab(chromium, 'Ben', fullCamera)];
  await enter(ada, link);
  await enter(ben, link);
  await ben.resize(1920, 1200);
  const large = 720;
  const seesLines = (message: string, fits: (height: number) => boolean) => {
    const look = () =>
      ben.evaluate(
        () => document.querySelector<HTMLVideoElement>('figure[aria-label="Ada"] video')?.videoHeight ?? 0,
        undefined,
      );
    return expect.poll(async () => fits(await look()), { ...patience, message }).toBe(true);
  };
  await sees(ben, 'Ada');
  await seesLines('the large picture', (height) => height === large);
  const { device } = (await tiles(ben)).find(({ name }) => name.endsWith('(you)')) ?? { device: '' };
  const before = await watched(ben);

  const rate = await carries(device); // what the call takes of an open line
  await server.network(`device=${device}&direction=down&delay=20ms&rate=${Math.round(rate / 2)}`);
  await seesLines('a smaller picture on half the line', (height) => height > 0 && height < large);
  await decodes(ben);
  expect(await carries(device)).toBeLessThan(0.55 * rate);

  await server.network(`device=${device}&direction=down&delay=20ms`);
  await seesLines('the large picture again', (height) => height === large);
  await seesMoving(ben, 'Ada');
  opens(ben, before, await watched(ben));
  for (const tab of [ada, ben]) await tab.close();
});

/** How many bits a second go to a device, over some seconds. */
async function carries(device: string): Promise<number> {
  const seconds = 4;
  const before = (await server.carried())[device] ?? 0;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000)); // a rate is over time
  return (8 * (((await server.carried())[device] ?? 0) - before)) / seconds;
}
