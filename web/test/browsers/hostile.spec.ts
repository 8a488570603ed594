// A server that lies and an SFU that forges, between real browsers: what differs from Go clients, or is to be seen.
import { type Browser as Chromium, expect, test } from '@playwright/test';
import { chromiumTab, fullCamera, openChromium, type Tab } from './browsers.js';
import { grotto } from './client.js';
import { decodes, enter, hears, sees, seesMoving, tile } from './meeting.js';
import { TestServer } from './server.js';

let server: TestServer;
let chromium: Chromium;

test.beforeAll(async () => {
  chromium = await openChromium();
});
test.afterAll(async () => chromium?.close());
test.beforeEach(async () => {
  server = await TestServer.start('-hostile');
});
test.afterEach(async () => server?.stop());

/** Keeps what the worker last said of each track. */
const keepCounts = `
  globalThis.counts = {};
  globalThis.Worker = class extends Worker {
    constructor(...args) {
      super(...args);
      this.addEventListener('message', ({ data }) => {
        if (data?.type === 'counts') for (const t of data.tracks) globalThis.counts[t.track] = t;
      });
    }
  };
`;

/** Makes every video of the page layered, VP9 and AV1 alike and in all three layers. */
const layered = `
  const addTransceiver = RTCPeerConnection.prototype.addTransceiver;
  RTCPeerConnection.prototype.addTransceiver = function (track, init) {
    const video = (track.kind ?? track) === 'video';
    const sendEncodings = [{ scalabilityMode: 'L3T3' }];
    return addTransceiver.call(this, track, video ? { ...init, sendEncodings } : init);
  };
`;

interface Opened {
  passed: number;
  failed: number;
  dropped: number;
  last: string[]; // why frames were refused
}

/** What became of the frames that came to a page. */
function opened(tab: Tab): Promise<Opened> {
  return tab.evaluate(() => {
    const sum = { passed: 0, failed: 0, dropped: 0, last: [] as string[] };
    type Count = Omit<Opened, 'last'> & { direction: string; last: string | null };
    for (const t of Object.values((globalThis as unknown as { counts: Record<string, Count> }).counts)) {
      if (t.direction !== 'open') continue;
      sum.passed += t.passed;
      sum.failed += t.failed;
      sum.dropped += t.dropped;
      if (t.last !== null) sum.last.push(t.last);
    }
    return sum;
  }, undefined);
}

const patience = { timeout: 45_000 };

/** How many frames more were opened and refused while so many opened. */
async function during(tab: Tab, frames: number): Promise<Opened> {
  const before = await opened(tab);
  await expect.poll(async () => (await opened(tab)).passed - before.passed, patience).toBeGreaterThan(frames);
  const after = await opened(tab);
  return {
    passed: after.passed - before.passed,
    failed: after.failed - before.failed,
    dropped: after.dropped - before.dropped,
    last: after.last,
  };
}

async function meet(query = '', sender = ''): Promise<{ ada: Tab; ben: Tab; link: string }> {
  const link = server.link(query);
  const ada = await chromiumTab(chromium, 'Ada', sender);
  const ben = await chromiumTab(chromium, 'Ben', keepCounts);
  await enter(ada, link);
  await enter(ben, link);
  await sees(ben, 'Ada');
  return { ada, ben, link };
}

/** The layers that the page's encoder says it makes. */
function scalability(tab: Tab): Promise<string[]> {
  return tab.evaluate(async () => {
    const modes: string[] = [];
    for (const connection of (globalThis as unknown as { connections: RTCPeerConnection[] }).connections) {
      (await connection.getStats()).forEach((s) => {
        if (s.type === 'outbound-rtp' && s.kind === 'video' && s.scalabilityMode) modes.push(s.scalabilityMode);
      });
    }
    return modes;
  }, undefined);
}

for (const codec of ['vp9', 'av1']) {
  test(`F16 ${codec} in three spatial layers: every frame opens, with upper layers left out and back again`, async () => {
    const { ada, ben, link } = await meet(`?codec=${codec}`, layered + fullCamera);
    await decodes(ben);
    await expect.poll(() => scalability(ada), patience).toContain('L3T3');
    const gopher = grotto(['join', link.replace(/[?]codec=[^#]*/, ''), '--name', 'Gopher']);
    await sees(ada, 'Gopher');
    for (const most of [8, 1, 0, 8]) {
      await server.misbehave('layers', most);
      const { passed, failed, dropped, last } = await during(ben, 100);
      // Frames that came twice aside, as on a machine that loses packets; they had opened.
      expect(dropped, `${most}`).toBe(0);
      expect(failed, `${most}: ${last}`).toBeLessThan(passed / 20);
      if (failed > 0) expect(last).toContain('replay');
      for (const reason of ['authentication', 'malformed', 'wrong_codec']) expect(last).not.toContain(reason);
      await decodes(ben);
    }
    gopher.leave();
    const { report } = await gopher;
    const cameras = report.tracks.filter((t) => t.source === 'camera' && t.frames_opened > 0);
    expect(cameras.length).toBeGreaterThan(0);
    for (const camera of cameras) {
      expect(camera.frames_opened).toBeGreaterThan(50);
      expect(camera.frames_failed).toBeLessThan(camera.frames_opened / 20);
    }
    for (const tab of [ada, ben]) await tab.close();
  });
}

// What is counted has arrived. Replays open where windows are new: TestF2_TheSFUReplays in internal/call.
test('F10 a flood of forged frames, F6 silence that nobody sealed, F2 every frame twice: counted, and only the sender is heard', async () => {
  const { ada, ben } = await meet();
  await hears(ben);
  await server.misbehave('flood', 100); // 5,000 a second
  const { passed, failed } = await during(ben, 150);
  expect(failed).toBeGreaterThan(10 * passed);
  await hears(ben);
  await seesMoving(ben, 'Ada');
  expect((await tile(ben, 'Ada'))?.state).toBe('new');
  await server.misbehave('flood', 0);
  for (const how of ['inject', 'replay'] as const) {
    await server.misbehave(how, 1);
    const seen = await during(ben, 200);
    expect(seen.failed + seen.dropped, how).toBeGreaterThan(50);
    await server.misbehave(how, '');
  }
  await hears(ben);
  expect((await tile(ben, 'Ada'))?.state).toBe('new');
  for (const tab of [ada, ben]) await tab.close();
});

/** What stands beside the room's name. */
function badge(tab: Tab): Promise<string> {
  return tab.evaluate(() => document.querySelector<HTMLElement>('.encryption-badge')?.innerText ?? '', undefined);
}

// But for the warning nothing tells Ben: TestK7_TheServerShowsTwoLists in internal/call.
test('K7 a newcomer who is hidden from one of two: both are told that their lists differ', async () => {
  const { ada, ben, link } = await meet();
  await sees(ada, 'Ben');
  const hidden = (await tile(ada, 'Ben'))?.device ?? '';
  expect(hidden).not.toBe('');
  await server.misbehave('hide', hidden);
  const cy = await chromiumTab(chromium, 'Cy');
  await enter(cy, link);
  await sees(ada, 'Cy');
  for (const tab of [ada, ben]) {
    await expect
      .poll(() => badge(tab), { ...patience, message: `${tab.name} is warned` })
      .toContain('another list of participants');
  }
  expect(await tile(ben, 'Cy')).toBeUndefined();
  for (const tab of [ada, ben, cy]) await tab.close();
});
