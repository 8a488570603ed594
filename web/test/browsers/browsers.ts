// Real browsers, driven: Chromium through Playwright, Firefox through WebDriver BiDi.
import { tmpdir } from 'node:os';
import { type BrowserContext, type Browser as Chromium, chromium, type Page } from '@playwright/test';
import puppeteer, { type Browser as Firefox } from 'puppeteer-core';

/** What the tests need of a page, the same for both drivers. */
export interface Tab {
  readonly name: string;
  goto(url: string): Promise<void>;
  evaluate<A, R>(body: (argument: A) => R | Promise<R>, argument: A): Promise<R>;
  reload(): Promise<void>;
  screenshot(path: string): Promise<void>;
  resize(width: number, height: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Cameras give 320 x 180, which is one encoding a page, 12 times a second: five people's encoders and decoders share two
 * cores here, while each has a machine of their own in a meeting. `fullCamera` in place of `before` gives the page the size
 * that it asks for.
 */
const smallCamera = `
  globalThis.camera = { width: 320, height: 180, frameRate: 12 };
  if (navigator.mediaDevices) {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (wish) =>
      open(typeof wish?.video === 'object' ? { ...wish, video: { ...wish.video, ...globalThis.camera } } : wish);
  }
`;

/** ... and keeps that size: on a busy machine it would send a smaller picture. */
export const fullCamera = `
  globalThis.camera = { frameRate: 12 };
  const setParameters = RTCRtpSender.prototype.setParameters;
  RTCRtpSender.prototype.setParameters = function (parameters) {
    return setParameters.call(this, { ...parameters, degradationPreference: 'maintain-resolution' });
  };
`;

/** Runs in the page before anything else: keeps peer connections, workers and what they count, to look at and to kill. */
const keepConnections = `
  globalThis.connections = [];
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args) { super(...args); globalThis.connections.push(this); }
  };
  globalThis.workers = [];
  globalThis.counts = {}; // of frames, by track
  globalThis.Worker = class extends Worker {
    constructor(...args) {
      super(...args);
      globalThis.workers.push(this);
      this.addEventListener('message', ({ data }) => {
        if (data.type === 'counts') for (const count of data.tracks) globalThis.counts[count.track] = count;
      });
    }
  };
`;

// The window's own address bar is a page too, of a second of computing a tab. Chromium heeds the last list only, so what
// Playwright switches off and matters here is named again.
const withoutFeatures = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'MediaRouter',
  'OptimizationHints',
  'PaintHolding',
  'Translate',
];

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--disable-features=${withoutFeatures.join(',')}`,
];

export async function openChromium(flags: string[] = fakeDevices): Promise<Chromium> {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [...quiet, ...flags] });
}

export const fakeDevices = [
  '--use-fake-device-for-media-stream=fps=12', // as much as two cores encode and decode for a whole meeting
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
];

/** `downloads` is where files go without a question. */
export async function openFirefox(downloads = tmpdir()): Promise<Firefox> {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    headless: true,
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.autoplay.default': 0,
      'browser.download.folderList': 2, // the one that is named
      'browser.download.dir': downloads,
    },
  });
}

export async function chromiumTab(
  browser: Chromium,
  name: string,
  before = '',
  watch: (page: Page) => void = () => {},
): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.addInitScript({ content: keepConnections + smallCamera + before });
  return { ...(await chromiumTabIn(context, name, watch)), close: () => context.close() };
}

/** A tab beside others of the same person: they share what the browser keeps. */
export async function chromiumTabIn(
  context: BrowserContext,
  name: string,
  watch: (page: Page) => void = () => {},
): Promise<Tab> {
  const page = await context.newPage();
  watch(page);
  return {
    name,
    goto: async (url) => void (await page.goto(url)),
    evaluate: (body, argument) => page.evaluate(body as never, argument as never) as never,
    reload: async () => void (await page.reload()),
    screenshot: async (path) => void (await page.screenshot({ path })),
    resize: (width, height) => page.setViewportSize({ width, height }),
    close: () => page.close(),
  };
}

export async function firefoxTab(browser: Firefox, name: string, before = ''): Promise<Tab> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage({ type: 'window' }); // beside others, not before them: a tab behind is hidden
  await page.setViewport({ width: 1280, height: 800 });
  await page.evaluateOnNewDocument(keepConnections + smallCamera + before);
  return {
    name,
    goto: async (url) => void (await page.goto(url)),
    evaluate: (body, argument) => page.evaluate(body as never, argument as never) as never,
    reload: async () => void (await page.reload()),
    screenshot: async (path) => void (await page.screenshot({ path: path as `${string}.png` })),
    resize: (width, height) => page.setViewport({ width, height }),
    close: () => context.close(),
  };
}
