// Rooms in another page of the origin, which sets the keys: those with the same key see each other, and are told whose
// the key is; with another key, or on a link of the same room, nothing opens.
import { type Browser as Chromium, expect, test } from '@playwright/test';
import { chromiumTab, openChromium, type Tab } from './browsers.js';
import { grotto } from './client.js';
import { decodes, hears, press, reception, sees, seesMoving, tile, tiles } from './meeting.js';
import { secret, TestServer } from './server.js';

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

interface Host {
  room: {
    setKey(key: { generation: number; key: Uint8Array; user?: string }): Promise<void>;
    setPassphrase(passphrase: string, salt: Uint8Array, generation: number): Promise<void>;
    leave(): void;
    unmount(): void;
  };
  roomState: { phase: string; encryption: string; participants: { name: string; user: string; state: string }[] };
}

const patience = { timeout: 45_000 };

/** Mounts the room in the embedding page, under the name given there, and joins. */
async function embed(name: string, room: string, source: string): Promise<Tab> {
  const tab = await chromiumTab(chromium, name);
  await tab.goto(`${server.url}/test/host?room=${room}&name=${name}&source=${source}`);
  await expect.poll(() => press(tab, 'button', 'Join'), patience).toBe(true);
  await expect.poll(() => tiles(tab).then((all) => all.length), patience).toBeGreaterThan(0);
  return tab;
}

/** The reason why it was refused, or ''. */
const setKey = (tab: Tab, byte: number, generation: number, user?: string): Promise<string> =>
  tab.evaluate(
    ({ byte, generation, user }) =>
      (globalThis as unknown as Host).room
        .setKey({ generation, key: new Uint8Array(32).fill(byte), ...(user ? { user } : {}) })
        .then(
          () => '',
          (error: Error) => error.message,
        ),
    { byte, generation, user },
  );

const state = (tab: Tab) => tab.evaluate(() => (globalThis as unknown as Host).roomState, undefined);

test('two with a key of the page see each other; with another key or with a link nothing opens', async () => {
  const room = new URL(server.link()).pathname;
  const ada = await embed('Ada', room, 'shared');
  const ben = await embed('Ben', room, 'shared');
  const eve = await embed('Eve', room, 'shared');
  const link = grotto(['join', `${server.url}${room}#${secret()}`, '--name', 'Lin']);
  for (const tab of [ada, ben, eve]) await expect.poll(async () => (await tiles(tab)).length, patience).toBe(4);

  expect(await setKey(ada, 1, 1)).toBe('');
  expect(await setKey(ben, 1, 1)).toBe('');
  expect(await setKey(eve, 2, 1)).toBe('');
  for (const [tab, other] of [
    [ada, 'Ben'],
    [ben, 'Ada'],
  ] as const) {
    await sees(tab, other, 'outside_key');
    await seesMoving(tab, other);
    await decodes(tab);
    await hears(tab);
    await expect
      .poll(() => state(tab), patience)
      .toMatchObject({
        phase: 'in_call',
        participants: expect.arrayContaining([expect.objectContaining({ name: other, state: 'outside_key' })]),
      });
  }

  await test.step('the one with another key is shown as one who cannot be read, and reads nobody', async () => {
    for (const tab of [ada, ben]) {
      await expect
        .poll(async () => (await tiles(tab)).filter((t) => t.state === 'cannot_decrypt').length, patience)
        .toBe(1);
      await sees(tab, 'Unknown participant', 'wrong_secret'); // the one with a link
    }
    await expect
      .poll(async () => (await tiles(eve)).filter((t) => t.state === 'cannot_decrypt').length, patience)
      .toBe(2);
    expect(await reception(eve)).toMatchObject({ frames: 0 });
    for (const t of await tiles(eve)) expect(['Ada', 'Ben']).not.toContain(t.name);
    link.leave();
    const { report } = await link;
    expect(report.tracks.length).toBeGreaterThan(0);
    for (const track of report.tracks) expect(track).toMatchObject({ name: 'Unknown participant', frames_opened: 0 });
    await eve.close();
  });

  await test.step('keys are refused in words', async () => {
    expect(await setKey(ada, 3, 1)).toContain('hint: a new key has a higher generation');
    expect(await setKey(ada, 3, 2, '@ada:x')).toContain('a shared key has no user');
  });

  await test.step('a changed key goes on', async () => {
    for (const tab of [ben, ada]) expect(await setKey(tab, 7, 2)).toBe('');
    for (const [tab, other] of [
      [ada, 'Ben'],
      [ben, 'Ada'],
    ] as const) {
      await sees(tab, other, 'outside_key');
      await seesMoving(tab, other);
    }
  });

  await test.step('leaving and taking the room away', async () => {
    await ben.evaluate(() => (globalThis as unknown as Host).room.leave(), undefined);
    await expect.poll(() => tile(ada, 'Ben'), patience).toBeUndefined();
    await expect.poll(async () => (await state(ben)).phase).toBe('left');
    await ada.evaluate(() => (globalThis as unknown as Host).room.unmount(), undefined);
    expect(await tiles(ada)).toEqual([]);
  });
  for (const tab of [ada, ben]) await tab.close();
});

test('a passphrase is a key; a key of each participant is for that one only', async () => {
  const room = new URL(server.link()).pathname;
  const tabs = [await embed('Ada', room, 'shared'), await embed('Ben', room, 'shared')];
  for (const tab of tabs) {
    await tab.evaluate(
      () => (globalThis as unknown as Host).room.setPassphrase('correct horse', new Uint8Array(16).fill(9), 0),
      undefined,
    );
  }
  for (const [i, other] of ['Ben', 'Ada'].entries()) await sees(tabs[i] as Tab, other, 'outside_key');
  for (const tab of tabs) await tab.close();

  const each = new URL(server.link()).pathname;
  const ada = await embed('Ada', each, 'per_participant');
  const ben = await embed('Ben', each, 'per_participant');
  await expect.poll(async () => (await state(ada)).participants.length, patience).toBe(2);
  const users = (await state(ada)).participants.map((p) => p.user);
  for (const [i, user] of users.entries()) {
    expect(await setKey(ada, 10 + i, 0, user)).toBe('');
    expect(await setKey(ben, 10 + i, 0, user)).toBe('');
  }
  await sees(ada, 'Ben', 'outside_key');
  await sees(ben, 'Ada', 'outside_key');
  await seesMoving(ada, 'Ben');
  for (const tab of [ada, ben]) await tab.close();
});
