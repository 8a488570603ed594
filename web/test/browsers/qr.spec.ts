// Verifying by QR code: one page draws it, the other finds it in what its camera shows.
import { type Browser as Chromium, expect, test } from '@playwright/test';
import { drawQR, type QRDrawing } from '../../src/ui/qr/draw.js';
import { chromiumTab, openChromium, type Tab } from './browsers.js';
import { enter, sees } from './meeting.js';
import { act, pressed } from './panels.js';
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

/** The camera on the back of the device sees what is held before it; the other one stays as it is. */
const heldUp = `
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    if (!wanted.video?.facingMode) return open(wanted);
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 480;
    const brush = canvas.getContext('2d');
    const draw = () => {
      brush.setTransform(1, 0, 0, 1, 0, 0);
      brush.fillStyle = 'white';
      brush.fillRect(0, 0, 480, 480);
      const { size, path } = globalThis.heldUp ?? { size: 1, path: '' };
      brush.scale(480 / size, 480 / size);
      brush.fillStyle = 'black';
      brush.fill(new Path2D(path));
    };
    draw();
    setInterval(draw, 100);
    return canvas.captureStream(10);
  };
`;

function holdUp(tab: Tab, code: QRDrawing): Promise<void> {
  return tab.evaluate((code) => {
    (globalThis as unknown as { heldUp: QRDrawing }).heldUp = code;
  }, code);
}

/** The code that is on the page's screen. */
async function shown(tab: Tab): Promise<QRDrawing> {
  const code = () =>
    tab.evaluate(() => {
      const svg = document.querySelector<SVGSVGElement>('svg.qr-code');
      return { size: svg?.viewBox.baseVal.width ?? 0, path: svg?.querySelector('path')?.getAttribute('d') ?? '' };
    }, undefined);
  await expect.poll(async () => (await code()).path.length, { timeout: 20_000 }).toBeGreaterThan(1000);
  return code();
}

const words = (tab: Tab) => tab.evaluate(() => document.body.innerText.replace(/\s+/g, ' '), undefined);

test('one shows, the other scans; a code of other keys takes it back', async () => {
  const link = server.link();
  const ada = await chromiumTab(chromium, 'Ada');
  const ben = await chromiumTab(chromium, 'Ben', heldUp);
  for (const tab of [ada, ben]) await enter(tab, link);
  await sees(ada, 'Ben');
  await sees(ben, 'Ada');

  await act(ada, 'Ben', 'Verify by QR code');
  await holdUp(ben, await shown(ada));
  await act(ben, 'Ada', 'Verify by QR code');
  await pressed(ben, 'Scan their code');
  await expect.poll(() => words(ben), { timeout: 20_000 }).toMatch(/Ada is verified/);
  await sees(ben, 'Ada', 'verified');
  await sees(ada, 'Ben'); // not before its person has said so
  await pressed(ada, 'Yes, it does');
  await expect.poll(() => words(ada), { timeout: 20_000 }).toMatch(/Ben is verified/);
  await sees(ada, 'Ben', 'verified');
  for (const tab of [ada, ben]) await pressed(tab, 'Done');

  const other = Buffer.from(crypto.getRandomValues(new Uint8Array(80))).toString('base64url');
  await holdUp(ben, drawQR(`grotto:v1:${other}`));
  await act(ben, 'Ada', 'Verify by QR code');
  await pressed(ben, 'Scan their code');
  await expect.poll(() => words(ben), { timeout: 20_000 }).toMatch(/do not have the same keys/);
  await sees(ben, 'Ada');
  await sees(ada, 'Ben', 'verified'); // it knows better, and is told nothing of a scan that failed
  for (const tab of [ada, ben]) await tab.close();
});
