// One call of everybody: two Chromium, one Firefox, the Go client, and a stranger who has the room but not the secret.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser as Chromium, expect, test } from '@playwright/test';
import type { Browser as Firefox } from 'puppeteer-core';
import { chromiumTab, firefoxTab, openChromium, openFirefox } from './browsers.js';
import { grotto, guest, media, probe } from './client.js';
import { decodes, enter, hears, press, reception, sees, seesMoving, sendsMore, tile, tiles } from './meeting.js';
import { secret, TestServer } from './server.js';

let server: TestServer;
let chromium: Chromium;
let firefox: Firefox;

test.beforeAll(async () => {
  server = await TestServer.start();
  chromium = await openChromium();
  firefox = await openFirefox();
});

test.afterAll(async () => {
  await chromium?.close();
  await firefox?.close();
  await server?.stop();
});

test('two Chromium, a Firefox and the Go client see and hear each other; a stranger sees nobody', async () => {
  const link = server.link();
  const [ada, ben, fox] = [
    await chromiumTab(chromium, 'Ada'),
    await chromiumTab(chromium, 'Ben'),
    await firefoxTab(firefox, 'Fox'),
  ];
  for (const tab of [ada, ben, fox]) await enter(tab, link);

  const gopher = grotto([
    'join',
    link,
    '--name',
    'Gopher',
    '--publish',
    media('vp8.ivf'),
    '--publish',
    media('opus.ogg'),
  ]);
  const people = ['Ada', 'Ben', 'Fox', 'Gopher'];
  for (const tab of [ada, ben, fox]) {
    for (const other of people.filter((p) => p !== tab.name)) {
      await sees(tab, other);
      await seesMoving(tab, other);
    }
    await decodes(tab);
    await hears(tab);
  }

  await test.step('a stranger with another secret opens nothing, and everybody is told', async () => {
    const mallory = await chromiumTab(chromium, 'Mallory');
    await enter(mallory, `${link.split('#')[0]}#${secret()}`);
    for (const tab of [ada, ben, fox]) await sees(tab, 'Unknown participant', 'wrong_secret');
    await expect
      .poll(async () => (await tiles(mallory)).filter((t) => t.state === 'wrong_secret').length, { timeout: 30_000 })
      .toBe(4);
    expect(await reception(mallory)).toMatchObject({ frames: 0 });
    for (const t of await tiles(mallory)) expect(people).not.toContain(t.name);
    await mallory.close();
    await expect.poll(() => tile(ada, 'Unknown participant'), { timeout: 45_000 }).toBeUndefined(); // 30 s if the tab's goodbye got lost
  });

  gopher.leave();
  const { report, code } = await gopher;
  expect(code).toBe(0);
  for (const name of ['Ada', 'Ben', 'Fox']) {
    for (const source of ['mic', 'camera']) {
      const track = report.tracks.find((t) => t.name === name && t.source === source);
      expect(track?.frames_opened ?? 0, `${source} of ${name}: ${JSON.stringify(report)}`).toBeGreaterThan(20);
      expect(track?.frames_failed).toBe(0);
    }
  }
  for (const tab of [ada, ben, fox]) await tab.close();
});

for (const codec of ['vp8', 'vp9', 'av1']) {
  test(`${codec} between Chromium (both transform interfaces) and Firefox, recorded by the Go client`, async () => {
    const link = server.link(`?codec=${codec}`);
    const [first, second] = link.split('#');
    const ada = await chromiumTab(chromium, 'Ada');
    const ben = await chromiumTab(chromium, 'Ben');
    const fox = await firefoxTab(firefox, 'Fox');
    await enter(ada, link);
    await enter(ben, `${first}&transform=streams#${second}`);
    await enter(fox, link);
    const out = await mkdtemp(join(tmpdir(), 'grotto-record-'));
    const recorder = grotto(['record', link, '--name', 'Recorder', '--out', join(out, 'files')]);
    for (const [tab, others] of [
      [ada, ['Ben', 'Fox']],
      [ben, ['Ada', 'Fox']],
      [fox, ['Ada', 'Ben']],
    ] as const) {
      for (const other of others) {
        await sees(tab, other);
        await seesMoving(tab, other);
      }
      await hears(tab);
      const { codecs } = await reception(tab);
      expect(new Set(codecs.map((c) => c.toLowerCase()))).toEqual(new Set([`video/${codec}`]));
    }
    await Promise.all([ada, ben, fox].map((tab) => sendsMore(tab, 45)));
    recorder.leave();
    const { report, code } = await recorder;
    expect(code).toBe(0);
    const videos = report.tracks.filter((t) => t.source === 'camera');
    expect(videos.length).toBe(3);
    for (const track of report.tracks) {
      expect(track.frames_written, JSON.stringify(track)).toBeGreaterThan(20);
      expect(track.frames_opened).toBe(track.frames_written + track.frames_before_key);
      expect(track.frames_failed).toBe(0);
    }
    await probe(join(out, 'files'), report);
    for (const tab of [ada, ben, fox]) await tab.close();
  });
}

test('who comes after somebody has left is seen where that one was; so is a second screen', async () => {
  const link = server.link();
  const [first, second] = link.split('#');
  const ada = await chromiumTab(chromium, 'Ada');
  const ben = await chromiumTab(chromium, 'Ben');
  const fox = await firefoxTab(firefox, 'Fox');
  await enter(ada, link);
  await enter(ben, `${first}&transform=streams#${second}`.replace('&', '?'));
  await enter(fox, link);
  for (const [name, video] of [
    ['First', 'vp8.ivf'],
    ['Second', 'vp9.ivf'],
  ] as const) {
    const visitor = guest([link, '--name', name, '--publish', media(video), '--publish', media('opus.ogg')]);
    for (const tab of [ada, ben, fox]) {
      await sees(tab, name);
      await seesMoving(tab, name);
    }
    expect(await visitor.leave()).toBe(0);
    for (const tab of [ada, ben, fox]) await expect.poll(() => tile(tab, name), { timeout: 20_000 }).toBeUndefined();
  }
  for (let time = 0; time < 2; time++) {
    await expect.poll(() => press(ada, 'switch', 'Share screen'), { timeout: 20_000 }).toBe(true);
    for (const tab of [ben, fox]) {
      await sees(tab, "Ada's screen");
      await seesMoving(tab, "Ada's screen");
    }
    await expect.poll(() => press(ada, 'switch', 'Share screen'), { timeout: 20_000 }).toBe(true);
    for (const tab of [ben, fox])
      await expect.poll(() => tile(tab, "Ada's screen"), { timeout: 20_000 }).toBeUndefined();
  }
  const lines = await ada.evaluate(
    () =>
      Math.max(
        ...(globalThis as unknown as { connections: RTCPeerConnection[] }).connections.map(
          (c) => c.remoteDescription?.sdp.split('\nm=').length ?? 0,
        ),
      ) - 1,
    undefined,
  );
  expect(lines).toBe(6); // of Ben, Fox and one guest at a time
  for (const tab of [ada, ben, fox]) await tab.close();
});
