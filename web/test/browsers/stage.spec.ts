// How one looks at a meeting: who is large, how loud each is, sound only; and fifty people without a page that stutters.
import { type Browser, expect, test } from '@playwright/test';
import { chromiumTab, openChromium, type Tab } from './browsers.js';
import { guest, media } from './client.js';
import { type Gallery, openGallery } from './gallery.js';
import { enter, press, sees } from './meeting.js';
import { pressed } from './panels.js';
import { TestServer } from './server.js';

let browser: Browser;
let gallery: Gallery;
test.beforeAll(async () => {
  gallery = await openGallery();
  browser = await openChromium();
});
test.afterAll(async () => {
  await browser?.close();
  await gallery?.close();
});

const patience = { timeout: 45_000, intervals: [250, 500] };

test('fifty people are looked at page by page, and whoever speaks, as smoothly as two', async () => {
  const few = await longest('call-2');
  for (const scene of ['call-50', 'call-50-speaker']) {
    expect((await longest(scene)) - few, `${scene}: ms beyond two people`).toBeLessThanOrEqual(100);
  }
});

/**
 * The longest task of the page while every 200 ms another speaks and every 600 ms the page is turned: in ms of the
 * processor, for what else runs on this machine is not the page's.
 */
async function longest(scene: string): Promise<number> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(`${gallery.url}?scene=${scene}`);
  await page.locator('html[data-ready] figure').first().waitFor();
  await page.waitForTimeout(500); // what loading takes is not meant
  await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
  await page.evaluate(async () => {
    const { meeting } = globalThis as unknown as { meeting: Shown };
    for (let step = 0; step < 15; step++) {
      const speaking = (step * 7) % meeting.tiles.value.length;
      meeting.tiles.value = meeting.tiles.value.map((tile, i) =>
        tile.speaking === (i === speaking) ? tile : { ...tile, speaking: i === speaking },
      );
      meeting.stage.look(meeting.tiles.value);
      const turns = [...document.querySelectorAll<HTMLElement>('.pager .round:not([aria-disabled])')];
      if (step % 3 === 0) turns.at(step % 2 === 0 ? -1 : 0)?.click();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  });
  const tasks = mainTasks(await browser.stopTracing());
  await page.close();
  expect(tasks.length).toBeGreaterThan(50);
  return Math.round(Math.max(...tasks));
}

/** Of a trace, what each task of a page's main thread took of the processor, in ms. */
function mainTasks(trace: Buffer): number[] {
  interface Traced {
    name: string;
    pid: number;
    tid: number;
    tdur?: number; // microseconds
    args: { name?: string };
  }
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: Traced[] };
  const main = new Set(
    traceEvents.flatMap(({ name, pid, tid, args }) =>
      name === 'thread_name' && args.name === 'CrRendererMain' ? [`${pid} ${tid}`] : [],
    ),
  );
  return traceEvents.flatMap(({ name, pid, tid, tdur }) =>
    name.endsWith('RunTask') && main.has(`${pid} ${tid}`) && tdur !== undefined ? [tdur / 1000] : [],
  );
}

/** What a scene of the gallery hands to the window. */
interface Shown {
  tiles: { value: { speaking: boolean }[] };
  stage: { look(tiles: unknown): void };
}

test('a small window follows whoever speaks; one’s own picture is dragged away; the call fills the screen', async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(`${gallery.url}?scene=call-speaker`);
  await page.locator('html[data-ready] figure').first().waitFor();
  const small = () =>
    page.evaluate(() => {
      const { documentPictureInPicture: windows } = globalThis as unknown as {
        documentPictureInPicture: { window: Window | null };
      };
      const playing = windows.window?.document.querySelector('video')?.videoWidth ? ' moves' : '';
      return windows.window && windows.window.document.body.innerText.split('\n')[0] + playing;
    });
  await page.getByRole('button', { name: 'View', exact: true }).click();
  await page.getByRole('button', { name: 'Small window' }).click();
  await expect.poll(small).toBe('Dmitri Volkov moves');
  await page.evaluate(() => {
    const { meeting } = globalThis as unknown as { meeting: Shown };
    meeting.tiles.value = meeting.tiles.value.map((tile, i) => ({ ...tile, speaking: i === 4 }));
    meeting.stage.look(meeting.tiles.value);
  });
  await expect.poll(small).toBe('Esi Mensah moves');
  await page.getByRole('button', { name: 'Small window' }).click();
  await expect.poll(small).toBeNull();

  await page.getByLabel('Your own picture').selectOption('corner');
  const corner = page.locator('.self-corner');
  const box = await corner.boundingBox();
  if (!box) throw new Error('no picture in the corner');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height - 30);
  await page.mouse.down();
  await page.mouse.move(200, 150, { steps: 4 });
  await page.mouse.up();
  await expect(corner).toHaveClass(/self-top-start/);
  await corner.getByRole('button', { name: 'Move to the next corner' }).press('Enter');
  await expect(corner).toHaveClass(/self-top-end/);

  await page.keyboard.press('f');
  await expect.poll(() => page.evaluate(() => document.fullscreenElement?.className)).toBe('call');
  await page.close();
});

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
