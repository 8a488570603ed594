// The ways of media: a relay, TCP, and another way in mid-call.
import { type Browser as Chromium, expect, test } from '@playwright/test';
import { chromiumTab, fakeDevices, firefoxTab, openChromium, openFirefox, type Tab } from './browsers.js';
import { decodes, enter, hears, sees, seesMoving, type TileSeen, tiles } from './meeting.js';
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

let server: TestServer; // for Firefox, which would not take the certificate
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

/** Everybody gets pictures and sound. */
const flows = (tabs: Tab[]) =>
  Promise.all(
    tabs.map(async (tab) => {
      await decodes(tab);
      await hears(tab);
    }),
  );

async function meet(at: TestServer, ...tabs: Tab[]): Promise<void> {
  const link = at.link();
  for (const tab of tabs) await enter(tab, link);
  await Promise.all(tabs.flatMap((tab) => tabs.filter((t) => t !== tab).map((other) => sees(tab, other.name))));
}

test('three people meet through the relay, one of them over TLS on the port of the page, and over TCP', async () => {
  const ada = await chromiumTab(chromium, 'Ada', relayOnly);
  const ben = await chromiumTab(chromium, 'Ben', secureRelayOnly);
  const cy = await chromiumTab(chromium, 'Cy', tcpOnly);
  const all = [ada, ben, cy];
  await meet(secure, ...all);
  for (const tab of all) for (const other of all) if (other !== tab) await seesMoving(tab, other.name);
  await Promise.all(all.map(hears));
  for (const tab of [ada, ben]) {
    // What the server sees is not the relay's address but its socket's: to the browser that is one more, found on the way.
    expect((await ways(tab)).map((way) => way.local)).toEqual(['prflx', 'prflx']);
  }
  expect((await ways(cy)).map((way) => way.protocol)).toEqual(['tcp', 'tcp']);
  for (const tab of all) await tab.close();
});

test('Firefox comes by TCP, and by the relay', async () => {
  const firefox = await openFirefox();
  const link = server.link();
  const fay = await firefoxTab(firefox, 'Fay', tcpOnly);
  const gus = await firefoxTab(firefox, 'Gus', relayOnly);
  for (const tab of [fay, gus]) await enter(tab, link);
  await Promise.all([fay, gus].map(decodes));
  await firefox.close();
});

test.describe('in mid-call', () => {
  let ada: Tab;
  let ben: Tab;
  let people: TileSeen[];
  test.beforeAll(async () => {
    ada = await chromiumTab(chromium, 'Ada');
    ben = await chromiumTab(chromium, 'Ben');
    await meet(bad, ada, ben);
    await flows([ada, ben]);
    people = await tiles(ben);
  });
  test.afterAll(async () => {
    for (const tab of [ada, ben]) await tab?.close();
  });

  test('a change of network restarts ICE on both connections; the call, its people and its keys stay', async () => {
    const before = await ways(ada);
    await ada.evaluate(() => void dispatchEvent(new Event('online')), undefined);
    await expect
      .poll(async () => (await ways(ada)).map((way, i) => way.ufrag !== before[i]?.ufrag), { timeout: 45_000 })
      .toEqual([true, true]);
    await flows([ada, ben]);
    expect(await tiles(ben)).toEqual(people);
  });

  test('a line that is down for 15 s is mended by restarts of ICE; nobody leaves and no key changes', async () => {
    const before = await ways(ada);
    await bad.network('down=true');
    await new Promise((resolve) => setTimeout(resolve, 15_000)); // this is the time that the line is down
    await bad.network('');
    await flows([ada, ben]);
    const after = await ways(ada);
    expect(after.map((way, i) => way.ufrag !== before[i]?.ufrag)).toEqual([true, true]);
    expect(await tiles(ben)).toEqual(people);
  });

  test('a NAT that forgets everybody is followed', async () => {
    await bad.rebind();
    await flows([ada, ben]);
    expect(await tiles(ben)).toEqual(people);
  });
});
