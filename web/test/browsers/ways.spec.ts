// The ways of media: a relay, TCP, and another way in mid-call.
import { type Browser as Chromium, expect, test } from '@playwright/test';
import { chromiumTab, fakeDevices, firefoxTab, openChromium, openFirefox, type Tab } from './browsers.js';
import { decodes, enter, hears, sees, tiles } from './meeting.js';
import { TestServer } from './server.js';

/** Runs in the page before anything else: its network lets nothing through but TURN. */
const relayOnly = `
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) { super({ ...configuration, iceTransportPolicy: 'relay' }); }
  };
`;

/** ... but HTTPS, as it seems. */
const secureRelayOnly = `
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) {
      const iceServers = configuration.iceServers.filter(({ urls }) => String(urls).startsWith('turns:'));
      super({ ...configuration, iceServers, iceTransportPolicy: 'relay' });
    }
  };
`;

/** ... but TCP: the page does not get to know where to send UDP. */
const tcpOnly = `
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) { super({ ...configuration, iceServers: [] }); }
    setRemoteDescription({ type, sdp }) {
      return super.setRemoteDescription({ type, sdp: sdp.replace(/a=candidate:\\S+ \\d+ udp .*\\r\\n/g, '') });
    }
  };
`;

interface Way {
  local: string; // the kind of the local candidate
  protocol: string; // to the server, or to the relay
  ufrag: string;
}

/** How each connection of a page reaches the server now. */
async function ways(tab: Tab): Promise<Way[]> {
  return tab.evaluate(async () => {
    const all: Way[] = [];
    for (const connection of (globalThis as unknown as { connections: RTCPeerConnection[] }).connections) {
      const report = await connection.getStats();
      report.forEach((s) => {
        if (s.type !== 'transport' || !s.selectedCandidatePairId) return;
        const local = report.get(report.get(s.selectedCandidatePairId).localCandidateId);
        const ufrag = /a=ice-ufrag:(\S+)/.exec(connection.remoteDescription?.sdp ?? '')?.[1] ?? '';
        all.push({ local: local.candidateType, protocol: local.relayProtocol ?? local.protocol, ufrag });
      });
    }
    return all;
  }, undefined);
}

let server: TestServer;
let secure: TestServer; // with HTTPS
let bad: TestServer; // behind a network that does what it is told
let chromium: Chromium;

test.beforeAll(async () => {
  server = await TestServer.start('-turn', ':0');
  secure = await TestServer.start('-turn', ':0', '-tls');
  bad = await TestServer.start('-badnet');
  chromium = await openChromium([...fakeDevices, `--ignore-certificate-errors-spki-list=${secure.spki}`]);
});
test.afterAll(async () => {
  await chromium?.close();
  await server?.stop();
  await secure?.stop();
  await bad?.stop();
});

async function meet(before: string, at = server, beforeBen = before): Promise<[Tab, Tab]> {
  const link = at.link();
  const ada = await chromiumTab(chromium, 'Ada', before);
  const ben = await chromiumTab(chromium, 'Ben', beforeBen);
  await enter(ada, link);
  await enter(ben, link);
  await sees(ada, 'Ben');
  await decodes(ada);
  await decodes(ben);
  await hears(ben);
  return [ada, ben];
}

test('two people meet through the relay, one of them over TLS on the port of the page', async () => {
  const all = await meet(relayOnly, secure, secureRelayOnly);
  for (const tab of all) {
    // What the server sees is not the relay's address but its socket's: to the browser that is one more, found on the way.
    expect((await ways(tab)).map((way) => way.local)).toEqual(['prflx', 'prflx']);
    await tab.close();
  }
});

test('two people meet over TCP', async () => {
  const all = await meet(tcpOnly);
  for (const tab of all) {
    expect((await ways(tab)).map((way) => way.protocol)).toEqual(['tcp', 'tcp']);
    await tab.close();
  }
});

test('Firefox comes by TCP, and by the relay', async () => {
  const firefox = await openFirefox();
  const link = server.link();
  const fay = await firefoxTab(firefox, 'Fay', tcpOnly);
  const gus = await firefoxTab(firefox, 'Gus', relayOnly);
  for (const tab of [fay, gus]) await enter(tab, link);
  for (const tab of [fay, gus]) await decodes(tab);
  await firefox.close();
});

test('a change of network restarts ICE on both connections; the call, its people and its keys stay', async () => {
  const [ada, ben] = await meet('');
  const before = await ways(ada);
  const people = await tiles(ben);
  await ada.evaluate(() => void dispatchEvent(new Event('online')), undefined);
  await expect
    .poll(async () => (await ways(ada)).map((way, i) => way.ufrag !== before[i]?.ufrag), { timeout: 45_000 })
    .toEqual([true, true]);
  await decodes(ada);
  await decodes(ben);
  await hears(ben);
  expect(await tiles(ben)).toEqual(people);
  for (const tab of [ada, ben]) await tab.close();
});

test('a line that is down for 15 s is mended by restarts of ICE; nobody leaves and no key changes', async () => {
  const [ada, ben] = await meet('', bad);
  const before = await ways(ada);
  const people = await tiles(ben);
  await bad.network('down=true');
  await new Promise((resolve) => setTimeout(resolve, 15_000)); // this is the time that the line is down
  await bad.network('');
  await decodes(ada);
  await decodes(ben);
  await hears(ben);
  const after = await ways(ada);
  expect(after.map((way, i) => way.ufrag !== before[i]?.ufrag)).toEqual([true, true]);
  expect(await tiles(ben)).toEqual(people);
  for (const tab of [ada, ben]) await tab.close();
});

test('a NAT that forgets everybody is followed', async () => {
  const [ada, ben] = await meet('', bad);
  const people = await tiles(ben);
  await bad.rebind();
  await decodes(ada);
  await decodes(ben);
  await hears(ben);
  expect(await tiles(ben)).toEqual(people);
  for (const tab of [ada, ben]) await tab.close();
});
