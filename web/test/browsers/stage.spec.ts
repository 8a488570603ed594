// How one looks at a meeting: who is large, how loud each is, sound only; and fifty people without a page that stutters.
import { type Browser, expect, test } from '@playwright/test';
import { chromiumTab, openChromium, type Tab } from './browsers.js';
import { guest, media } from './client.js';
import { type Gallery, openGallery } from './gallery.js';
import { enter, press, sees } from './meeting.js';
import { pressed } from './panels.js';
import { TestServer } from './server.js';

let browser: Browser;
test.beforeAll(async () => {
  browser = await openChromium();
});
test.afterAll(() => browser?.close());

const patience = { timeout: 45_000, intervals: [250, 500] };

/** Of so many runs the calmest one counts: a page that stutters does so in each, a busy machine does not. */
const RUNS = 3;

test('fifty people are looked at page by page, and whoever speaks, as smoothly as two', async () => {
  const gallery: Gallery = await openGallery();
  try {
    for (const scene of ['call-50', 'call-50-speaker']) {
      const beyond: number[] = [];
      for (let run = 0; run < RUNS && !beyond.some((ms) => ms <= 100); run++) {
        const few = await longest(gallery, 'call-2');
        beyond.push((await longest(gallery, scene)) - few);
      }
      expect(Math.min(...beyond), `${scene}: ms beyond two people: ${beyond.join(', ')}`).toBeLessThanOrEqual(100);
    }
  } finally {
    await gallery.close();
  }
});

/** The longest task while every 200 ms another speaks and every 600 ms the page is turned, in ms. */
async function longest(gallery: Gallery, scene: string): Promise<number> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(`${gallery.url}?scene=${scene}`);
  await page.locator('html[data-ready] figure').first().waitFor();
  await page.waitForTimeout(500); // what loading takes is not meant
  const worst = await page.evaluate(async () => {
    interface Shown {
      tiles: { value: { speaking: boolean }[] };
      stage: { look(tiles: unknown): void };
    }
    const { meeting } = globalThis as unknown as { meeting: Shown };
    let worst = 0;
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) worst = Math.max(worst, duration);
    });
    observer.observe({ type: 'longtask' });
    for (let step = 0; step < 12; step++) {
      const speaking = (step * 7) % meeting.tiles.value.length;
      meeting.tiles.value = meeting.tiles.value.map((tile, i) =>
        tile.speaking === (i === speaking) ? tile : { ...tile, speaking: i === speaking },
      );
      meeting.stage.look(meeting.tiles.value);
      const turns = [...document.querySelectorAll<HTMLElement>('.pager .round:not([aria-disabled])')];
      if (step % 3 === 0) turns.at(step % 2 === 0 ? -1 : 0)?.click();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    observer.disconnect();
    return worst;
  });
  await page.close();
  return Math.round(worst);
}

test('somebody is large, muted for oneself and measured; with sound only no picture is received', async () => {
  const server = await TestServer.start();
  const link = server.link();
  const visitor = guest([link, '--name', 'Gopher', '--publish', media('vp8.ivf'), '--publish', media('opus.ogg')]);
  const tab = await chromiumTab(browser, 'Ada');
  try {
    await enter(tab, link);
    await sees(tab, 'Gopher');
    await expect.poll(() => received(tab, 'video'), patience).toBeGreaterThan(0);

    await pressed(tab, 'Options for Gopher');
    await expect.poll(() => words(tab), patience).toMatch(/\d+ × \d+ · \d+ frames a second[\s\S]*kbit\/s · VP8/);
    await pressed(tab, 'Show large');
    expect(await count(tab, '.strip figure')).toBe(1);
    expect(await count(tab, '.grid figure')).toBe(1);

    await press(tab, 'switch', 'Mute for me');
    await stops(tab, 'audio');
    await press(tab, 'switch', 'Mute for me');
    await flows(tab, 'audio');

    await pressed(tab, 'View');
    await press(tab, 'switch', 'Sound only');
    await stops(tab, 'video');
    expect(await count(tab, '.call-stage video')).toBeLessThan(2); // none but one's own
    await flows(tab, 'audio');
    await pressed(tab, 'Show pictures');
    await flows(tab, 'video');
  } finally {
    await visitor.leave();
    await tab.close();
    await server.stop();
  }
});

const words = (tab: Tab) => tab.evaluate(() => document.body.innerText, undefined);
const count = (tab: Tab, selector: string) =>
  tab.evaluate((selector) => document.querySelectorAll(selector).length, selector);

/** Packets of this kind that came in so far. */
function received(tab: Tab, kind: string): Promise<number> {
  return tab.evaluate(async (kind) => {
    let packets = 0;
    for (const connection of (globalThis as unknown as { connections: RTCPeerConnection[] }).connections) {
      (await connection.getStats()).forEach((stat) => {
        if (stat.type === 'inbound-rtp' && stat.kind === kind) packets += stat.packetsReceived;
      });
    }
    return packets;
  }, kind);
}

/** Waits until nothing of this kind comes in for a while. */
async function stops(tab: Tab, kind: string): Promise<void> {
  const came = async () => {
    const before = await received(tab, kind);
    await new Promise((resolve) => setTimeout(resolve, 700));
    return (await received(tab, kind)) - before;
  };
  await expect.poll(came, { ...patience, message: `${kind} stops` }).toBe(0);
}

async function flows(tab: Tab, kind: string): Promise<void> {
  const before = await received(tab, kind);
  await expect.poll(() => received(tab, kind), { ...patience, message: `${kind} flows` }).toBeGreaterThan(before + 10);
}
