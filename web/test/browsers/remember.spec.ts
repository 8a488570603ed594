// What a browser keeps for those who want to be known again, and who may use it.
import { type BrowserContext, type Browser as Chromium, expect, test } from '@playwright/test';
import { chromiumTab, chromiumTabIn, openChromium, type Tab } from './browsers.js';
import { enter, sees } from './meeting.js';
import { tick } from './panels.js';
import { TestServer } from './server.js';

let server: TestServer;
let chromium: Chromium;
let context: BrowserContext;

test.beforeAll(async () => {
  server = await TestServer.start();
  chromium = await openChromium();
});
test.afterAll(async () => {
  await chromium?.close();
  await server?.stop();
});
test.beforeEach(async () => {
  context = await chromium.newContext();
});
test.afterEach(() => context.close());

interface Stored {
  records: string[];
  exported: string;
  seed: string;
  people: string[];
  everything: string;
}

/** All that the origin stores, and what a script of the origin, which this is, can open with the key that lies there. */
function stored(tab: Tab): Promise<Stored | null> {
  return tab.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('grotto');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const read = <T>(store: string, what: 'getAll' | 'getAllKeys') =>
      new Promise<T[]>((resolve) => {
        const request = database.transaction(store).objectStore(store)[what]();
        request.onsuccess = () => resolve(request.result as T[]);
      });
    const stores = [...database.objectStoreNames];
    if (!stores.includes('identity')) return null;
    const records = (await read<string>('identity', 'getAllKeys')).sort();
    const [key, sealed] = (await read<unknown>('identity', 'getAll')) as [
      CryptoKey,
      { iv: BufferSource; body: ArrayBuffer },
    ];
    const text = async (body: ArrayBuffer) => [...new Uint8Array(body)].map((b) => String.fromCharCode(b)).join('');
    if (!key || !sealed) return { records, exported: '', seed: '', people: [], everything: '' };
    const exported = await Promise.any(
      (['raw', 'jwk'] as const).map((format) => crypto.subtle.exportKey(format, key)),
    ).then(
      () => 'exported',
      () => 'refused',
    );
    const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: sealed.iv }, key, sealed.body);
    const { seed, pins } = JSON.parse(await text(plain)) as { seed: string; pins: { name?: string }[] };
    const links = await read<unknown>('link_keys', 'getAll');
    const everything = [
      JSON.stringify({ ...localStorage }),
      JSON.stringify({ ...sessionStorage }),
      document.cookie,
      await text(sealed.body),
      JSON.stringify(links),
    ];
    database.close();
    return {
      records,
      exported,
      seed,
      people: pins.map((p) => p.name ?? ''),
      everything: everything.join('\n'),
    };
  }, undefined);
}

test('K14 a browser keeps identity and people sealed, under a key that is not given out; a guest’s keeps nothing', async () => {
  const link = server.link();
  const ada = await chromiumTabIn(context, 'Ada');
  const guest = await chromiumTab(chromium, 'Guest');
  const ben = await chromiumTab(chromium, 'Ben');
  await enter(guest, link);
  for (const tab of [ada, ben]) {
    await tab.goto(link);
    await tick(tab, 'Remember me in this browser');
    await enter(tab, '');
  }
  await sees(ada, 'Ben');
  await sees(ada, 'Guest');
  await expect.poll(async () => (await stored(ada))?.people, { timeout: 45_000 }).toEqual(['Ben']);
  const kept = await stored(ada);
  expect(kept?.records).toEqual(['key', 'sealed']);
  expect(kept?.exported).toBe('refused');
  expect(kept?.seed).toMatch(/^[A-Za-z0-9+/]{43}$/);
  expect(kept?.everything).not.toContain(kept?.seed);
  expect(kept?.everything).not.toContain(Buffer.from(kept?.seed ?? '', 'base64').toString('latin1'));
  expect(kept?.everything).not.toContain('Ben');
  expect((await stored(guest))?.records ?? []).toEqual([]);
  for (const tab of [guest, ben]) await tab.close();
});

test('a second tab is another device, and a guest', async () => {
  const link = server.link();
  const first = await chromiumTabIn(context, 'Ada');
  const second = await chromiumTabIn(context, 'Ada too');
  const ben = await chromiumTab(chromium, 'Ben');
  await enter(ben, link);
  await first.goto(link);
  await tick(first, 'Remember me in this browser');
  await enter(first, '');
  await sees(ben, 'Ada');
  const before = await stored(first);
  await enter(second, link);
  await sees(ben, 'Ada too');
  await sees(first, 'Ada too');
  await sees(second, 'Ada');
  expect((await stored(first))?.seed).toBe(before?.seed);
  await ben.close();
});
