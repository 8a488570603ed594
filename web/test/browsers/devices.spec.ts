// Devices in the lobby and in a call: what is done to sound and picture before they are sent, and what a browser keeps.
import { type Browser as Chromium, expect, type Page, test } from '@playwright/test';
import { chromiumTab, fakeDevices, openChromium, type Tab } from './browsers.js';
import { guest, media } from './client.js';
import { enter, sees } from './meeting.js';
import { choose, panel, pressed, tick } from './panels.js';
import { TestServer } from './server.js';

let server: TestServer;
let chromium: Chromium;

test.beforeAll(async () => {
  server = await TestServer.start();
  chromium = await openChromium([...fakeDevices, '--enable-unsafe-swiftshader']); // WebGL without a graphics card
});
test.afterAll(async () => {
  await chromium?.close();
  await server?.stop();
});

const patience = { timeout: 60_000, intervals: [100, 250, 500] };

const says = (tab: Tab, words: RegExp) =>
  expect.poll(() => tab.evaluate(() => document.body.innerText, undefined), patience).toMatch(words);

/** Of what is sent: lines of the largest picture, pictures that the camera gave the encoder, how loud the voice was. */
const sent = (tab: Tab) =>
  tab.evaluate(async () => {
    const all = { lines: 0, frames: 0, energy: 0 };
    for (const connection of (globalThis as unknown as { connections: RTCPeerConnection[] }).connections) {
      (await connection.getStats()).forEach((s) => {
        if (s.type === 'outbound-rtp' && s.kind === 'video') {
          all.lines = Math.max(all.lines, s.frameHeight ?? 0);
        }
        if (s.type === 'media-source' && s.kind === 'video') all.frames += s.frames ?? 0;
        if (s.type === 'media-source' && s.kind === 'audio') all.energy += s.totalAudioEnergy ?? 0;
      });
    }
    return all;
  }, undefined);

/** The largest difference between neighbours in the picture of oneself, 0 to 255; -1 where there is none. */
const sharpness = (tab: Tab) =>
  tab.evaluate(() => {
    const video = document.querySelector<HTMLVideoElement>('.self-view video');
    if (!video?.videoWidth) return -1;
    const { videoWidth: width, videoHeight: height } = video;
    const brush = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d');
    brush?.drawImage(video, 0, 0);
    const { data } = brush?.getImageData(0, 0, width, height) ?? { data: new Uint8ClampedArray() };
    let most = 0;
    for (let at = 5; at < data.length; at += 4) {
      if ((at >> 2) % width !== 0) most = Math.max(most, Math.abs((data[at] ?? 0) - (data[at - 4] ?? 0)));
    }
    return most;
  }, undefined);

const SHARP = 100; // what a camera gives here has more, what is blurred less than half
const within = (value: number, least: number, most: number) => value >= least && value <= most;

/** Everything that went wrong in the page, and every address it asked that is not the server's. */
function watched(): { wrong: string[]; watch: (page: Page) => void } {
  const wrong: string[] = [];
  const watch = (page: Page) => {
    page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(server.url) && !/^(?:blob|data):/.test(url)) wrong.push(url);
    });
  };
  return { wrong, watch };
}

test('a voice without noise, a camera of another size in the call, and a meeting that opens again without its link', async () => {
  const { wrong, watch } = watched();
  const ada = await chromiumTab(chromium, 'Ada', '', watch);
  const link = server.link();
  const ben = guest([link, '--name', 'Ben', '--publish', media('vp8.ivf')]);
  await ada.goto(link);
  await tick(ada, 'Take noise out of your voice');
  await tick(ada, 'Keep the key to this meeting in this browser');
  await enter(ada, '');
  await sees(ada, 'Ben');
  await expect.poll(async () => (await sent(ada)).energy, patience).toBeGreaterThan(0);
  await expect.poll(async () => (await sent(ada)).lines, patience).toBe(180);
  await panel(ada, 'More');
  await pressed(ada, 'Settings');
  await choose(ada, 'Size of your picture', 'Medium (360p)');
  await expect.poll(async () => (await sent(ada)).lines, patience).toBe(360);
  await pressed(ada, 'Leave');
  await ada.goto(`${server.url}/`);
  const [room = ''] = link.split('#');
  await says(ada, new RegExp(`${new URL(room).pathname.slice(3)}\\s+.* Opens from here`));
  await enter(ada, room);
  await sees(ada, 'Ben');
  expect(wrong).toEqual([]);
  await ben.leave();
  await ada.close();
});

test('a background is blurred before anything is sent; where it cannot be, there is no picture', async () => {
  const { wrong, watch } = watched();
  const ada = await chromiumTab(chromium, 'Ada', '', watch);
  await ada.goto(server.link());
  await expect.poll(() => sharpness(ada), patience).toBeGreaterThan(SHARP);
  await choose(ada, 'Background', 'Blurred');
  await expect.poll(async () => within(await sharpness(ada), 0, SHARP / 2), patience).toBe(true);
  await enter(ada, '');
  await expect.poll(async () => (await sent(ada)).frames, patience).toBeGreaterThan(2);
  expect(wrong).toEqual([]);
  await ada.close();

  const ben = await chromiumTab(chromium, 'Ben', '', (page) => void page.route(/\.tflite$/, (route) => route.abort()));
  await ben.goto(server.link());
  await choose(ben, 'Background', 'Blurred');
  await says(ben, /Your background could not be hidden/);
  expect(await sharpness(ben)).toBe(-1);
  await ben.close();
});
