// Whatever breaks, no plaintext leaves: the SFU's hook looks for a marker that the test hides in every encoder frame.
import { type Browser as Chromium, expect, test } from '@playwright/test';
import { chromiumTab, openChromium, type Tab } from './browsers.js';
import { enter, sees, seesMoving, tile } from './meeting.js';
import { TestServer } from './server.js';

let server: TestServer;
let chromium: Chromium;

test.beforeAll(async () => {
  chromium = await openChromium();
});
test.afterAll(async () => chromium?.close());
test.beforeEach(async () => {
  server = await TestServer.start();
});
test.afterEach(async () => server?.stop());

const sealed = 50; // packets to see before a claim is made

async function packets(): Promise<{ all: number; marked: number; video: number }> {
  const seen = await server.seen();
  return {
    all: seen.reduce((n, s) => n + s.packets, 0),
    marked: seen.reduce((n, s) => n + s.marked, 0),
    video: seen.filter((s) => s.source === 'camera').reduce((n, s) => n + s.packets, 0),
  };
}

async function meet(): Promise<{ ada: Tab; ben: Tab; link: string }> {
  const link = server.link();
  const [ada, ben] = [await chromiumTab(chromium, 'Ada'), await chromiumTab(chromium, 'Ben')];
  await enter(ada, link);
  await enter(ben, link);
  return { ada, ben, link };
}

test('F8 the control: with the transform replaced by identity the marker is found, so the hook would see plaintext', async () => {
  await server.patchWorker('identity');
  const { ada, ben } = await meet();
  await expect.poll(async () => (await packets()).marked, { timeout: 30_000 }).toBeGreaterThan(sealed);
  for (const tab of [ada, ben]) await tab.close();
});

test('F8 worker killed in mid-call: not one plaintext packet, and the tile says why', async () => {
  await server.patchWorker('marker');
  const { ada, ben } = await meet();
  await sees(ben, 'Ada');
  await seesMoving(ben, 'Ada');
  await expect.poll(async () => (await packets()).all, { timeout: 30_000 }).toBeGreaterThan(sealed);
  await ada.evaluate(() => {
    for (const w of (globalThis as unknown as { workers: Worker[] }).workers) w.terminate();
  }, undefined);
  await expect.poll(async () => (await tile(ada, 'Ada (you)'))?.state, { timeout: 30_000 }).toBe('engine_failed');
  expect((await tile(ada, 'Ada (you)'))?.words).toMatch(/not sent/i);
  const before = await packets();
  await expect.poll(async () => (await packets()).all, { timeout: 30_000 }).toBeGreaterThan(before.all + sealed); // Ben's still flow
  expect((await packets()).marked).toBe(0);
  for (const tab of [ada, ben]) await tab.close();
});

test('F8 a transform that cannot be made: nothing is sent, and the tile says why', async () => {
  await server.patchWorker('marker');
  const link = server.link();
  const ben = await chromiumTab(chromium, 'Ben');
  await enter(ben, link);
  const broken = `globalThis.RTCRtpScriptTransform = class { constructor() { throw new Error('refused by the test'); } };`;
  const ada = await chromiumTab(chromium, 'Ada', broken);
  await enter(ada, link);
  await expect
    .poll(async () => (await tile(ada, 'Ada (you)'))?.state, { timeout: 30_000 })
    .toMatch(/no_transform|engine_failed/);
  await expect.poll(async () => (await packets()).all, { timeout: 30_000 }).toBeGreaterThan(sealed);
  const seen = await server.seen();
  expect(new Set(seen.map((s) => s.publisher)).size, 'only Ben publishes').toBe(1);
  expect((await packets()).marked).toBe(0);
  for (const tab of [ada, ben]) await tab.close();
});

test('F8 a browser without encoded transforms cannot join, and is told why', async () => {
  const none = `delete globalThis.RTCRtpScriptTransform; delete RTCRtpSender.prototype.createEncodedStreams; delete RTCRtpReceiver.prototype.createEncodedStreams;`;
  const ada = await chromiumTab(chromium, 'Ada', none);
  await ada.goto(server.link());
  await expect
    .poll(() => ada.evaluate(() => document.body.innerText, undefined), { timeout: 30_000 })
    .toMatch(/browser/i);
  const disabled = await ada.evaluate(
    () => [...document.querySelectorAll('button')].find((b) => b.textContent?.trim() === 'Join')?.disabled ?? true,
    undefined,
  );
  expect(disabled).toBe(true);
  expect(await server.seen()).toEqual([]);
  await ada.close();
});

test('F8 no key yet: a worker without a sealing key sends nothing, and the tile says why', async () => {
  const link = server.link();
  const ben = await chromiumTab(chromium, 'Ben');
  await enter(ben, link);
  await expect.poll(async () => (await packets()).all, { timeout: 30_000 }).toBeGreaterThan(0);
  await server.patchWorker('keyless');
  const ada = await chromiumTab(chromium, 'Ada');
  await enter(ada, link);
  await sees(ada, 'Ben');
  await seesMoving(ada, 'Ben');
  await expect.poll(async () => (await tile(ada, 'Ada (you)'))?.state, { timeout: 30_000 }).toBe('waiting_for_key');
  const before = await packets();
  await expect.poll(async () => (await packets()).all, { timeout: 30_000 }).toBeGreaterThan(before.all + sealed);
  const publishers = (await server.seen()).filter((s) => s.packets > 0).map((s) => s.publisher);
  expect(new Set(publishers).size, 'only Ben publishes').toBe(1);
  for (const tab of [ada, ben]) await tab.close();
});
