// How one looks at a meeting: who is large, how loud each is, sound only.
import { type Browser, expect, test } from '@playwright/test';
import { chromiumTab, openChromium, type Tab } from './browsers.js';
import { guest, media } from './client.js';
import { enter, press, sees } from './meeting.js';
import { pressed } from './panels.js';
import { TestServer } from './server.js';

let browser: Browser;
test.beforeAll(async () => {
  browser = await openChromium();
});
test.afterAll(() => browser?.close());

const patience = { timeout: 45_000, intervals: [250, 500] };

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
