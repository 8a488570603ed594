// What goes wrong is said in words, with what to do about it, and nothing is sent meanwhile.
import { type Browser as Chromium, expect, test } from '@playwright/test';
import { chromiumTab, fakeDevices, openChromium, type Tab } from './browsers.ts';
import { enter } from './meeting.ts';
import { TestServer } from './server.ts';

let server: TestServer;
let withDevices: Chromium;
let without: Chromium;

test.beforeAll(async () => {
  server = await TestServer.start();
  withDevices = await openChromium(fakeDevices);
  without = await openChromium([]);
});
test.afterAll(async () => {
  await withDevices?.close();
  await without?.close();
  await server?.stop();
});

async function says(tab: Tab, words: RegExp): Promise<void> {
  const text = () => tab.evaluate(() => document.body.innerText.replace(/\s+/g, ' '), undefined);
  await expect.poll(text, { timeout: 30_000 }).toMatch(words);
}

test('a link without its secret', async () => {
  const tab = await chromiumTab(withDevices, 'Ada');
  await tab.goto(server.link().split('#')[0] ?? '');
  await says(tab, /the part after the # sign is missing/);
  await tab.close();
});

test('a link with a broken secret', async () => {
  const tab = await chromiumTab(withDevices, 'Ada');
  await tab.goto(`${server.link().split('#')[0]}#not-a-secret`);
  await says(tab, /is not a meeting secret.*Copy the whole link again/);
  expect(await joinable(tab)).toBe(false);
  await tab.close();
});

test('a room name that is none', async () => {
  const tab = await chromiumTab(withDevices, 'Ada');
  await tab.goto(server.link().replace('/r/test-', '/r/NO_'));
  await says(tab, /This link names no meeting/);
  expect(await joinable(tab)).toBe(false);
  await tab.close();
});

test('no camera and no microphone: said, and one can join without', async () => {
  const tab = await chromiumTab(without, 'Ada');
  await tab.goto(server.link());
  await says(tab, /No camera and no microphone were found/);
  await enter(tab, server.link());
  await tab.close();
});

test('the browser denies camera and microphone: said, and one can join without', async () => {
  const denied = `navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));`;
  const tab = await chromiumTab(withDevices, 'Ada', denied);
  await tab.goto(server.link());
  await says(tab, /told not to give this page the camera or microphone.*Allow it in the address bar/);
  await enter(tab, server.link());
  await tab.close();
});

test('a page over plain HTTP from elsewhere gives no camera, and says why', async () => {
  // Chromium takes *.localhost for secure; a name that leads to the same server but is not is not.
  const elsewhere = await openChromium([...fakeDevices, '--host-resolver-rules=MAP meet.example 127.0.0.1']);
  const tab = await chromiumTab(elsewhere, 'Ada');
  await tab.goto(server.link().replace('localhost', 'meet.example'));
  await says(tab, /opened over plain HTTP.*HTTPS or on localhost/);
  expect(await joinable(tab)).toBe(false);
  await elsewhere.close();
});

async function joinable(tab: Tab): Promise<boolean> {
  return tab.evaluate(
    () =>
      [...document.querySelectorAll('button')].some(
        (b) => b.textContent?.trim() === 'Join' && !b.disabled && b.getAttribute('aria-disabled') !== 'true',
      ),
    undefined,
  );
}
