// Coming back: a reload, a dropped socket, a restarted server.
import { type Browser as Chromium, expect, test } from '@playwright/test';
import { chromiumTab, openChromium, type Tab } from './browsers.js';
import { decodes, enter, sees, seesMoving, tile, tiles } from './meeting.js';
import { TestServer } from './server.js';

let server: TestServer;
let chromium: Chromium;
let ada: Tab;
let ben: Tab;

test.beforeAll(async () => {
  server = await TestServer.start();
  chromium = await openChromium();
});
test.afterAll(async () => {
  await chromium?.close();
  await server?.stop();
});
test.beforeEach(async () => {
  const link = server.link();
  ada = await chromiumTab(chromium, 'Ada');
  ben = await chromiumTab(chromium, 'Ben');
  await enter(ada, link);
  await enter(ben, link);
  await sees(ada, 'Ben');
  await seesMoving(ben, 'Ada');
});
test.afterEach(async () => {
  await ada?.close();
  await ben?.close();
});

test('a reload in a call comes back by itself, as a new device', async () => {
  const before = await tile(ben, 'Ada');
  await ada.reload();
  await expect.poll(async () => (await tile(ben, 'Ada'))?.device, { timeout: 45_000 }).not.toBe(before?.device);
  await sees(ben, 'Ada');
  await seesMoving(ben, 'Ada');
  await sees(ada, 'Ben');
  await seesMoving(ada, 'Ben');
  expect((await tiles(ben)).length).toBe(2);
  expect(await ada.evaluate(() => location.hash, undefined)).toBe('');
});

test('a signalling connection dropped for 10 s resumes without leaving and without new keys', async () => {
  const before = await tiles(ben);
  await server.dropSignalling(10);
  await expect
    .poll(() => ada.evaluate(() => document.body.innerText, undefined), { timeout: 15_000 })
    .toMatch(/Connection lost/);
  await decodes(ben); // media does not need the socket
  await expect
    .poll(() => ada.evaluate(() => document.body.innerText, undefined), { timeout: 30_000 })
    .not.toMatch(/Connection lost/);
  expect(await tiles(ben)).toEqual(before);
  await decodes(ada);
  await decodes(ben);
});

test('a server restart brings both back into the room by themselves', async () => {
  await server.restart();
  await expect
    .poll(async () => (await tiles(ada)).map((t) => t.name).sort(), { timeout: 60_000 })
    .toEqual(['Ada (you)', 'Ben']);
  await sees(ada, 'Ben');
  await sees(ben, 'Ada');
  await decodes(ada);
  await decodes(ben);
  await seesMoving(ada, 'Ben');
  await seesMoving(ben, 'Ada');
});
