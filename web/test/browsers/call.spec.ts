// One call of everybody: two Chromium, one Firefox, the Go client, and a stranger who has the room but not the secret.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser as Chromium, expect, test } from '@playwright/test';
import type { Browser as Firefox } from 'puppeteer-core';
import { chromiumTab, firefoxTab, openChromium, openFirefox, type Tab } from './browsers.js';
import { grotto, media, pictures, probe, type Run } from './client.js';
import { decodes, enter, hears, press, reception, sees, seesMoving, sendsMore, tile } from './meeting.js';
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

const patience = { timeout: 20_000 };

/** Somebody with the Go client who sends a picture and a voice. */
const visitor = (link: string, name: string, video: string) =>
  grotto(['join', link, '--name', name, '--publish', media(video), '--publish', media('opus.ogg')]);

/** Somebody with the Go client who records. */
async function records(link: string) {
  const out = join(await mkdtemp(join(tmpdir(), 'grotto-record-')), 'files');
  return { out, recorder: grotto(['record', link, '--name', 'Recorder', '--per', 'track', '--out', out]) };
}

/** Ends a recording once enough of every camera is in it; every frame of it opened, and can be decoded. */
async function recorded(recorder: Run, out: string, cameras: number): Promise<void> {
  const enough = () => pictures(out).filter((frames) => frames > 20).length;
  await expect.poll(enough, { timeout: 90_000 }).toBe(cameras); // where everything computes a picture waits for its line
  recorder.leave();
  const { report, code } = await recorder;
  expect(code).toBe(0);
  expect(report.tracks.filter((t) => t.source === 'camera').length).toBe(cameras);
  for (const track of report.tracks) {
    expect(track.frames_written, JSON.stringify(track)).toBeGreaterThan(20);
    // Chromium's silence can be a frame of no bytes, which no file has a place for.
    const unwritten = track.frames_opened - track.frames_written - track.frames_before_key;
    expect(unwritten).toBeLessThanOrEqual(track.codec === 'opus' ? 2 : 0);
    expect(track.frames_failed).toBe(0);
  }
  await probe(out, report);
}

test('two Chromium, a Firefox and the Go client see and hear each other, and whoever comes after', async () => {
  const link = server.link();
  const [first, second] = link.split('#');
  const [ada, ben, fox] = [
    await chromiumTab(chromium, 'Ada'),
    await chromiumTab(chromium, 'Ben'),
    await firefoxTab(firefox, 'Fox'),
  ];
  const tabs = [ada, ben, fox];
  await enter(ada, link);
  await enter(ben, `${first}?transform=streams#${second}`);
  await enter(fox, link);

  const gopher = visitor(link, 'Gopher', 'vp8.ivf');
  const people = ['Ada', 'Ben', 'Fox', 'Gopher'];
  await Promise.all(
    tabs.map(async (tab) => {
      for (const other of people.filter((p) => p !== tab.name)) {
        await sees(tab, other);
        await seesMoving(tab, other);
      }
      await decodes(tab);
      await hears(tab);
    }),
  );

  await test.step('the Go client records all of it', async () => {
    const { out, recorder } = await records(link);
    for (const tab of tabs) await sees(tab, 'Recorder');
    await recorded(recorder, out, 4);
  });

  await test.step('a stranger with another secret opens nothing, and everybody is told', async () => {
    const mallory = grotto(['join', `${first}#${secret()}`, '--name', 'Mallory']);
    for (const tab of tabs) await sees(tab, 'Unknown participant', 'wrong_secret');
    await Promise.all(tabs.map((tab) => sendsMore(tab, 30)));
    mallory.leave();
    const { report } = await mallory;
    expect(report.tracks.length).toBeGreaterThan(0);
    for (const track of report.tracks) expect(track).toMatchObject({ name: 'Unknown participant', frames_opened: 0 });
    for (const tab of tabs) await expect.poll(() => tile(tab, 'Unknown participant'), patience).toBeUndefined();
  });

  await test.step('the Go client opened all of it', async () => {
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
    for (const tab of tabs) await expect.poll(() => tile(tab, 'Gopher'), patience).toBeUndefined();
  });

  await test.step('who comes next is seen where that one was', async () => {
    const second = visitor(link, 'Second', 'vp9.ivf');
    await Promise.all(tabs.map((tab) => sees(tab, 'Second').then(() => seesMoving(tab, 'Second'))));
    second.leave();
    expect((await second).code).toBe(0);
    for (const tab of tabs) await expect.poll(() => tile(tab, 'Second'), patience).toBeUndefined();
  });

  await test.step('so is a second screen', async () => {
    const screen = "Ada's screen";
    for (let time = 0; time < 2; time++) {
      await expect.poll(() => press(ada, 'switch', 'Share screen'), patience).toBe(true);
      await Promise.all([ben, fox].map((tab) => sees(tab, screen).then(() => seesMoving(tab, screen))));
      await expect.poll(() => press(ada, 'switch', 'Share screen'), patience).toBe(true);
      for (const tab of [ben, fox]) await expect.poll(() => tile(tab, screen), patience).toBeUndefined();
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
  });
  for (const tab of tabs) await tab.close();
});

test('VP9 and AV1 through both transform interfaces and from Firefox, recorded by the Go client', async () => {
  const link = server.link();
  const [first, second] = link.split('#');
  const ada = await chromiumTab(chromium, 'Ada');
  const ben = await chromiumTab(chromium, 'Ben');
  const fox = await firefoxTab(firefox, 'Fox');
  await enter(ada, `${first}?codec=av1#${second}`);
  await enter(ben, `${first}?codec=vp9&transform=streams#${second}`);
  await enter(fox, `${first}?codec=av1#${second}`);
  const { out, recorder } = await records(link);
  const receives = async (tab: Tab, others: string[], codecs: string[]) => {
    for (const other of others) {
      await sees(tab, other);
      await seesMoving(tab, other);
    }
    await hears(tab);
    const received = (await reception(tab)).codecs.map((c) => c.toLowerCase());
    expect([...new Set(received)].sort()).toEqual(codecs);
  };
  await Promise.all([
    receives(ada, ['Ben', 'Fox'], ['video/av1', 'video/vp9']),
    receives(ben, ['Ada', 'Fox'], ['video/av1']),
    receives(fox, ['Ada', 'Ben'], ['video/av1', 'video/vp9']),
  ]);
  await recorded(recorder, out, 3);
  for (const tab of [ada, ben, fox]) await tab.close();
});
