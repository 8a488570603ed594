// What one sees decides what is sent: sizes switch in mid-call under sealed frames, and what nobody sees is not encoded.
import { type Browser as Chromium, expect, test } from '@playwright/test';
import { chromiumTab, firefoxTab, fullCamera, openChromium, openFirefox, type Tab } from './browsers.js';
import { enter, press, sees, seesMoving } from './meeting.js';
import { TestServer } from './server.js';

let server: TestServer;
let chromium: Chromium;

test.beforeAll(async () => {
  server = await TestServer.start();
  chromium = await openChromium();
});
test.afterAll(async () => {
  await chromium?.close();
  await server?.stop();
});

const patience = { timeout: 45_000, intervals: [500, 1000] };

/** Windows in which the one other tile is that high. The fake cameras give 720 lines. */
const windows: Record<'large' | 'middle' | 'small', [width: number, height: number]> = {
  large: [1920, 1200],
  middle: [1280, 800],
  small: [400, 500],
};
const lines = { large: 720, middle: 360, small: 180 };

/** Waits until the picture of somebody has this many lines, and moves. */
async function seesLines(tab: Tab, name: string, height: number): Promise<void> {
  const look = () =>
    tab.evaluate(
      (name) => document.querySelector<HTMLVideoElement>(`figure[aria-label="${name}"] video`)?.videoHeight ?? 0,
      name,
    );
  await expect.poll(look, { ...patience, message: `${tab.name} sees ${name} in ${height} lines` }).toBe(height);
  await seesMoving(tab, name);
}

/** Frames that went through the encoders so far, by stream. */
function encoded(tab: Tab): Promise<Record<string, number>> {
  return tab.evaluate(async () => {
    const frames: Record<string, number> = {};
    for (const connection of (globalThis as unknown as { connections: RTCPeerConnection[] }).connections) {
      const report = await connection.getStats();
      report.forEach((s) => {
        if (s.type === 'outbound-rtp' && s.kind === 'video') frames[s.rid ?? ''] = s.framesEncoded ?? 0;
      });
    }
    return frames;
  }, undefined);
}

/** Waits until just these streams are encoded. */
async function encodes(tab: Tab, wanted: string): Promise<void> {
  let now = await encoded(tab);
  const look = async () => {
    const before = now;
    await new Promise((resolve) => setTimeout(resolve, 1500)); // long enough for a dozen frames
    now = await encoded(tab);
    return ['q', 'h', 'f'].filter((rid) => (now[rid] ?? 0) > (before[rid] ?? 0)).join('');
  };
  const message = `${tab.name} encodes ${wanted || 'nothing'}`;
  await expect.poll(look, { ...patience, intervals: [1], message }).toBe(wanted); // it waits itself
}

/** What the worker could not open or seal, of all tracks. */
function refusals(tab: Tab): Promise<number> {
  return tab.evaluate(
    () =>
      Object.values((globalThis as unknown as { counts: Record<string, { failed: number }> }).counts).reduce(
        (sum, { failed }) => sum + failed,
        0,
      ),
    undefined,
  );
}

/** What came before its key is refused. The worker says once a second how many there were: waits until there are no more. */
async function settled(tab: Tab): Promise<number> {
  let before = -1;
  const same = async () => {
    const last = before;
    before = await refusals(tab);
    return before === last;
  };
  await expect.poll(same, { ...patience, intervals: [1500] }).toBe(true);
  return before;
}

/** Moves everybody's tile but one's own out of sight, or back. */
function hide(tab: Tab, hidden: boolean): Promise<void> {
  return tab.evaluate((hidden) => {
    for (const figure of document.querySelectorAll<HTMLElement>('figure[data-state]')) {
      const own = figure.getAttribute('aria-label')?.endsWith('(you)');
      if (!own) figure.style.translate = hidden ? '0 -200vh' : '';
    }
  }, hidden);
}

const streams = { large: 'qhf', middle: 'qh', small: 'q' };

/**
 * One watches the other in these sizes, the last of which is middle, and not at all; the other encodes what that takes, and
 * sees the one small.
 */
async function watches(viewer: Tab, sender: Tab, sizes: (keyof typeof windows)[]): Promise<void> {
  const { name } = sender;
  await sender.resize(...windows.small);
  await seesMoving(viewer, name);
  const before = await settled(viewer);
  for (const size of sizes) {
    await test.step(`${viewer.name} sees ${name} ${size}`, async () => {
      await viewer.resize(...windows[size]);
      await seesLines(viewer, name, lines[size]);
      await encodes(sender, streams[size]);
    });
  }
  await test.step(`${viewer.name} does not see ${name}, then does`, async () => {
    await hide(viewer, true);
    await encodes(sender, '');
    await hide(viewer, false);
    await seesLines(viewer, name, lines.middle);
  });
  expect(await refusals(viewer)).toBe(before);
}

// VP9 and AV1, in layers, are in hostile.spec.
test('between Chromium, H.264 and, sealed through streams, VP8: sizes follow the tile', async () => {
  const [first, second] = server.link().split('#');
  const ada = await chromiumTab(chromium, 'Ada', fullCamera);
  const ben = await chromiumTab(chromium, 'Ben', fullCamera);
  await Promise.all([
    enter(ada, `${first}?codec=h264#${second}`),
    enter(ben, `${first}?codec=vp8&transform=streams#${second}`),
  ]);
  await watches(ben, ada, ['large', 'small', 'large', 'middle']);
  await watches(ada, ben, ['large', 'middle']);
  const cameras = (await server.seen()).filter(({ source }) => source === 'camera');
  expect(cameras.map(({ codec }) => codec).sort()).toEqual(['h264', 'vp8']);
  for (const camera of cameras) {
    expect(camera, 'no counter twice, in one stream or over several').toMatchObject({ streams: 3, reused: 0 });
    expect(camera.frames).toBeGreaterThan(100);
  }
  for (const tab of [ada, ben]) await tab.close();
});

test('whoever speaks is outlined; a shared screen is large beside a small face, and smaller in a small window', async () => {
  const link = server.link();
  const ada = await chromiumTab(chromium, 'Ada', fullCamera);
  const ben = await chromiumTab(chromium, 'Ben', fullCamera);
  await Promise.all([ada, ben].map((tab) => enter(tab, link)));
  await sees(ada, 'Ben');
  const speaking = (tab: Tab, name: string) => () =>
    tab.evaluate(
      (name) => document.querySelector<HTMLElement>(`figure[aria-label="${name}"]`)?.dataset.speaking !== undefined,
      name,
    );
  await expect.poll(speaking(ben, 'Ada'), patience).toBe(true); // the fake microphone beeps
  await expect.poll(speaking(ada, 'Ada (you)'), patience).toBe(true);
  await press(ada, 'switch', 'Microphone');
  await expect.poll(speaking(ben, 'Ada'), patience).toBe(false);
  await expect.poll(speaking(ada, 'Ada (you)'), patience).toBe(false);

  await press(ada, 'switch', 'Share screen');
  await seesLines(ben, "Ada's screen", 720);
  await seesLines(ben, 'Ada', 180);
  await ben.resize(...windows.small);
  await seesLines(ben, "Ada's screen", 360);
  for (const tab of [ada, ben]) await tab.close();
});

test('between Chromium and Firefox, sizes follow the tile', async () => {
  const firefox = await openFirefox();
  const link = server.link();
  const ada = await chromiumTab(chromium, 'Ada', fullCamera);
  const fox = await firefoxTab(firefox, 'Fox', fullCamera);
  await Promise.all([ada, fox].map((tab) => enter(tab, link)));
  await watches(fox, ada, ['small', 'middle']);
  await watches(ada, fox, ['small', 'middle']); // Firefox takes its time to send more
  await ada.close();
  await firefox.close();
});
