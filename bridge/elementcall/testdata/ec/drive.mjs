// Opens the host's page in Chromium and says, as a JSON object a line, what its Element Call plays: node drive.mjs URL.
// A line of standard input is the data-testid of what to click; its end ends the browser.
import { createInterface } from 'node:readline';
import { chromium } from '../../../../web/node_modules/playwright/index.mjs';

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream=fps=5',
    '--autoplay-policy=no-user-gesture-required',
    '--disable-features=WebRtcHideLocalIpsWithMdns,WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup',
  ],
});
const context = await browser.newContext({ viewport: { width: 800, height: 600 } });
await context.addInitScript(() => {
  globalThis.connections = [];
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args) {
      super(...args);
      globalThis.connections.push(this);
    }
  };
});
const page = await context.newPage();
const said = [];
page.on('console', (m) => {
  if (m.type() === 'error') said.push(m.text().slice(0, 300));
});
await page.goto(process.argv[2]);

/** What the widget's connections receive: frames of pictures decoded, energy of sound, and the words on its page. */
async function look() {
  const frame = page.frames().find((f) => f.url().includes('/ec/'));
  const errors = await page.evaluate(() => globalThis.errors);
  if (!frame) return { video: [], audio: [], text: '', errors };
  const seen = await frame.evaluate(async () => {
    const video = [];
    const audio = [];
    for (const pc of globalThis.connections) {
      for (const r of (await pc.getStats()).values()) {
        if (r.type !== 'inbound-rtp') continue;
        if (r.kind === 'video') video.push({ id: r.trackIdentifier, frames: r.framesDecoded ?? 0, width: r.frameWidth ?? 0 });
        else audio.push({ id: r.trackIdentifier, energy: r.totalAudioEnergy ?? 0 });
      }
    }
    return { video, audio, text: document.body.innerText };
  });
  return { ...seen, errors, said };
}

const input = createInterface({ input: process.stdin });
let over = false;
input.on('line', async (id) => {
  const frame = page.frames().find((f) => f.url().includes('/ec/'));
  // Its bar hides itself, so that a mouse would not hit it.
  await frame?.locator(`[data-testid="${id}"]`).first().evaluate((e) => e.click()).catch((e) => said.push(String(e)));
});
input.on('close', () => {
  over = true;
});
while (!over) {
  const now = await look().catch((e) => ({ video: [], audio: [], text: '', errors: [String(e)] }));
  process.stdout.write(`${JSON.stringify(now)}\n`);
  await new Promise((resolve) => {
    setTimeout(resolve, 250);
  });
}
await browser.close();
