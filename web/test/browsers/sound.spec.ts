// Sound as browsers agree on it: a screen's in two channels, a microphone's with pauses.
import { type Browser as Chromium, expect, test } from '@playwright/test';
import { chromiumTab, openChromium, type Tab } from './browsers.js';
import { enter, hears, press, sees } from './meeting.js';
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

/** A screen that hums on the left and is silent on the right. */
const humming = `
  navigator.mediaDevices.getDisplayMedia = async () => {
    const canvas = document.createElement('canvas');
    const paint = canvas.getContext('2d');
    setInterval(() => { paint.fillStyle = '#' + Date.now().toString(16).slice(-6); paint.fillRect(0, 0, 300, 150); }, 100);
    const sound = new AudioContext();
    const left = new OscillatorNode(sound, { frequency: 440 });
    const merger = new ChannelMergerNode(sound, { numberOfInputs: 2 });
    const out = new MediaStreamAudioDestinationNode(sound, { channelCount: 2 });
    left.connect(merger, 0, 0);
    merger.connect(out);
    left.start();
    return new MediaStream([...canvas.captureStream(10).getTracks(), ...out.stream.getTracks()]);
  };
`;

/** A microphone in a silent room, until somebody speaks. */
const silent = `
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async ({ audio, video }) => {
    if (!audio) return open({ video });
    const sound = new AudioContext();
    const voice = new OscillatorNode(sound);
    const out = new MediaStreamAudioDestinationNode(sound, { channelCount: 1 });
    const mouth = new GainNode(sound, { gain: 0 });
    voice.connect(mouth).connect(out);
    voice.start();
    globalThis.speak = () => { mouth.gain.value = 1; };
    const camera = video ? (await open({ video })).getTracks() : [];
    return new MediaStream([...camera, ...out.stream.getTracks()]);
  };
`;

/** How loud the two channels of the loudest sound that is received are, as its decoder gives them. */
async function channels(tab: Tab): Promise<{ left: number; right: number }> {
  return tab.evaluate(async () => {
    const loudest = { left: 0, right: 0 };
    for (const connection of (globalThis as unknown as { connections: RTCPeerConnection[] }).connections) {
      for (const { track } of connection.getReceivers()) {
        if (track.kind !== 'audio') continue;
        const sound = new AudioContext();
        const splitter = new ChannelSplitterNode(sound, { numberOfOutputs: 2 });
        new MediaStreamAudioSourceNode(sound, { mediaStream: new MediaStream([track]) }).connect(splitter);
        const [left, right] = [0, 1].map((channel) => {
          const meter = new AnalyserNode(sound, { fftSize: 2048 });
          splitter.connect(meter, channel);
          return meter;
        });
        await new Promise((resolve) => setTimeout(resolve, 500));
        const level = (meter?: AnalyserNode) => {
          const samples = new Float32Array(2048);
          meter?.getFloatTimeDomainData(samples);
          return Math.sqrt(samples.reduce((sum, s) => sum + s * s, 0) / samples.length);
        };
        const now = { left: level(left), right: level(right) };
        if (now.left > loudest.left) Object.assign(loudest, now);
        await sound.close();
      }
    }
    return loudest;
  }, undefined);
}

/** Packets of sound that a page has sent, and how much of it its microphone gave. */
async function spoken(tab: Tab): Promise<{ packets: number; seconds: number }> {
  return tab.evaluate(async () => {
    const all = { packets: 0, seconds: 0 };
    for (const connection of (globalThis as unknown as { connections: RTCPeerConnection[] }).connections) {
      (await connection.getStats()).forEach((s) => {
        if (s.kind !== 'audio') return;
        if (s.type === 'outbound-rtp') all.packets += s.packetsSent;
        if (s.type === 'media-source') all.seconds += s.totalSamplesDuration;
      });
    }
    return all;
  }, undefined);
}

test('what hums on the left of a shared screen hums on the left of those who see it', async () => {
  const link = server.link();
  const [ada, ben] = [await chromiumTab(chromium, 'Ada', humming), await chromiumTab(chromium, 'Ben')];
  await enter(ada, link);
  await enter(ben, link);
  await sees(ben, 'Ada');
  await expect.poll(() => press(ada, 'switch', 'Microphone'), { timeout: 20_000 }).toBe(true); // its beeps are louder
  await expect.poll(() => press(ada, 'switch', 'Share screen'), { timeout: 20_000 }).toBe(true);
  await sees(ben, "Ada's screen");
  await expect.poll(async () => (await channels(ben)).left, { timeout: 45_000 }).toBeGreaterThan(0.1);
  const { left, right } = await channels(ben);
  expect(left).toBeGreaterThan(10 * right);
  for (const tab of [ada, ben]) await tab.close();
});

test('a microphone in a silent room sends a packet now and then; all open, and what is said then is heard', async () => {
  const link = server.link();
  const [ada, ben] = [await chromiumTab(chromium, 'Ada', silent), await chromiumTab(chromium, 'Ben')];
  await enter(ada, link);
  await enter(ben, link);
  await sees(ben, 'Ada');
  await expect.poll(() => spoken(ada).then((s) => s.packets), { timeout: 30_000 }).toBeGreaterThan(20); // it has begun
  const before = await spoken(ada);
  await expect.poll(() => spoken(ada).then((s) => s.seconds), { timeout: 30_000 }).toBeGreaterThan(before.seconds + 5);
  const after = await spoken(ada);
  const each = (after.packets - before.packets) / (after.seconds - before.seconds);
  expect(each).toBeGreaterThan(0.5);
  expect(each).toBeLessThan(25); // 50 without pauses
  await sees(ben, 'Ada');
  await ada.evaluate(() => (globalThis as unknown as { speak(): void }).speak(), undefined);
  await hears(ben);
  for (const tab of [ada, ben]) await tab.close();
});
