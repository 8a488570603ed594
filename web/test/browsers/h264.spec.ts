// H.264: Chromium to Chromium and to the Go client and back, and who cannot play it.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser as Chromium, expect, test } from '@playwright/test';
import { chromiumTab, firefoxTab, openChromium, openFirefox } from './browsers.js';
import { grotto, media, probe } from './client.js';
import { decodes, enter, hears, pixels, reception, sees, seesMoving, sendsMore, tile } from './meeting.js';
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

const enough = 50; // packets to see before a claim is made

async function camera(): Promise<{ packets: number; marked: number }> {
  const seen = (await server.seen()).filter((s) => s.source === 'camera');
  return {
    packets: seen.reduce((n, s) => n + s.packets, 0),
    marked: seen.reduce((n, s) => n + s.marked, 0),
  };
}

test('F8 the control: H.264 that is not sealed shows the marker to the SFU', async () => {
  await server.patchWorker('identity');
  const ada = await chromiumTab(chromium, 'Ada');
  const ben = await chromiumTab(chromium, 'Ben');
  const link = server.link('?codec=h264');
  await enter(ada, link);
  await enter(ben, link);
  await expect.poll(async () => (await camera()).marked, { timeout: 30_000 }).toBeGreaterThan(enough);
  for (const tab of [ada, ben]) await tab.close();
});

test('H.264 between Chromium and Chromium, to the Go client and from it in several slices; the SFU reads nothing', async () => {
  await server.patchWorker('marker');
  const link = server.link('?codec=h264');
  const [first, second] = link.split('#');
  const [ada, ben] = [await chromiumTab(chromium, 'Ada'), await chromiumTab(chromium, 'Ben')];
  await enter(ada, link);
  await enter(ben, `${first}&transform=streams#${second}`);
  const gopher = grotto(['join', link, '--name', 'Gopher', '--publish', media('h264.h264')]);
  const out = join(await mkdtemp(join(tmpdir(), 'grotto-record-')), 'files');
  const recorder = grotto(['record', link, '--name', 'Recorder', '--per', 'track', '--out', out]);
  for (const [tab, other] of [
    [ada, 'Ben'],
    [ben, 'Ada'],
  ] as const) {
    for (const name of [other, 'Gopher']) {
      await sees(tab, name);
      await seesMoving(tab, name);
    }
    await decodes(tab);
    await hears(tab);
    const { codecs } = await reception(tab);
    expect(new Set(codecs)).toEqual(new Set(['video/H264']));
  }
  const seen = await camera();
  expect(seen.packets).toBeGreaterThan(enough);
  expect(seen.marked).toBe(0);

  await Promise.all([ada, ben].map((tab) => sendsMore(tab, 45)));
  recorder.leave();
  const { report, code } = await recorder;
  expect(code).toBe(0);
  expect(report.tracks.filter((t) => t.codec === 'h264').map((t) => t.name)).toEqual(
    expect.arrayContaining(['Ada', 'Ben', 'Gopher']),
  );
  for (const track of report.tracks) {
    expect(track.frames_written, JSON.stringify(track)).toBeGreaterThan(20);
    // Chromium's silence can be a frame of no bytes, which no file has a place for.
    const unwritten = track.frames_opened - track.frames_written - track.frames_before_key;
    expect(unwritten).toBeLessThanOrEqual(track.codec === 'opus' ? 2 : 0);
    expect(track.frames_failed).toBe(0);
  }
  await probe(out, report);
  gopher.leave();
  expect((await gopher).code).toBe(0);
  for (const tab of [ada, ben]) await tab.close();
});

test('a Firefox without H.264 sends VP8, is sent VP8 by pages that sent H.264, and says what it cannot show', async () => {
  const firefox = await openFirefox();
  try {
    const link = server.link('?codec=h264');
    const [ada, ben] = [await chromiumTab(chromium, 'Ada'), await chromiumTab(chromium, 'Ben')];
    const fox = await firefoxTab(firefox, 'Fox');
    await enter(ada, link);
    await enter(ben, link);
    await seesMoving(ben, 'Ada');
    expect((await reception(ben)).codecs).toEqual(['video/H264']);
    await enter(fox, link);
    await sees(ada, 'Fox');
    await seesMoving(ada, 'Fox');
    await sees(fox, 'Ada');
    await seesMoving(fox, 'Ada');
    expect(new Set((await reception(fox)).codecs)).toEqual(new Set(['video/VP8']));
    await seesMoving(ben, 'Ada');
    const gopher = grotto(['join', link, '--name', 'Gopher', '--publish', media('h264.h264')]);
    await sees(fox, 'Gopher');
    await expect.poll(async () => (await tile(fox, 'Gopher'))?.words).toContain('Cannot be shown here');
    expect(await pixels(fox, 'Gopher')).toBe('');
    gopher.leave();
    expect((await gopher).code).toBe(0);
    for (const tab of [ada, ben, fox]) await tab.close();
  } finally {
    await firefox.close();
  }
});
