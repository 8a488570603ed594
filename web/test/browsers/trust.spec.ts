// Whom one trusts: comparing emoji, being remembered, removing somebody for good.
import { type Browser as Chromium, expect, test } from '@playwright/test';
import type { Browser as Firefox } from 'puppeteer-core';
import { chromiumTab, firefoxTab, openChromium, openFirefox, type Tab } from './browsers.js';
import { decodes, enter, reception, sees, seesMoving, tiles } from './meeting.js';
import { act, compare, panel, pressed, reads, tick, write } from './panels.js';
import { TestServer } from './server.js';

let server: TestServer;
let chromium: Chromium;
let firefox: Firefox;

test.beforeAll(async () => {
  server = await TestServer.start();
  chromium = await openChromium();
  firefox = await openFirefox();
});
test.afterAll(async () => {
  await chromium?.close();
  await firefox?.close();
  await server?.stop();
});

/** Keeps what the page copies, which is the meeting's link. */
const keepCopied = `
  Object.defineProperty(navigator, 'clipboard', {
    value: { writeText: async (text) => void (globalThis.copied = text) },
  });
`;

async function copied(tab: Tab): Promise<string> {
  await panel(tab, 'More');
  await pressed(tab, 'Invite');
  await pressed(tab, 'Copy link');
  const link = () => tab.evaluate(() => (globalThis as unknown as { copied?: string }).copied ?? '', undefined);
  await expect.poll(link).toMatch(/^http/);
  return link();
}

/** Opens the link anew: over the same address only the fragment would change, and the page reload by itself, some time. */
async function comesBack(tab: Tab, link: string): Promise<void> {
  await tab.goto('about:blank');
  await enter(tab, link);
}

const words = (tab: Tab) => tab.evaluate(() => document.body.innerText.replace(/\s+/g, ' '), undefined);

test('two people compare emoji and verify each other; a third sees nothing of it', async () => {
  const link = server.link();
  const ada = await chromiumTab(chromium, 'Ada');
  const ben = await chromiumTab(chromium, 'Ben');
  const fox = await firefoxTab(firefox, 'Fox');
  for (const tab of [ada, ben, fox]) await enter(tab, link);
  for (const other of ['Ben', 'Fox']) await sees(ada, other);
  await sees(ben, 'Ada');
  await sees(fox, 'Ada');
  await compare(ada, ben);
  await sees(fox, 'Ada');
  await sees(fox, 'Ben');
  await compare(fox, ada); // between browsers
  await sees(ben, 'Fox');

  await test.step('who says that they differ verifies nobody, and takes an earlier verification back', async () => {
    await act(ben, 'Ada', 'Verify by emoji');
    await panel(ada, 'People');
    await pressed(ada, 'Compare emoji');
    await pressed(ben, 'They match');
    await pressed(ada, 'They do not match');
    await expect.poll(() => words(ben), { timeout: 45_000 }).toMatch(/emoji|keys/);
    await sees(ada, 'Ben');
    await sees(ben, 'Ada');
  });
  for (const tab of [ada, ben, fox]) await tab.close();
});

test('removed with the link changed: the old link is a wrong secret, and opens nothing', async () => {
  const link = server.link();
  const ada = await chromiumTab(chromium, 'Ada', keepCopied);
  const ben = await chromiumTab(chromium, 'Ben');
  const eve = await chromiumTab(chromium, 'Eve');
  for (const tab of [ada, ben, eve]) await enter(tab, link);
  for (const other of ['Ben', 'Eve']) await sees(ada, other);
  await seesMoving(eve, 'Ada');

  await act(ada, 'Eve', 'Remove and change the link');
  await pressed(ada, 'Remove Eve and change the link');
  await expect.poll(() => words(eve), { timeout: 45_000 }).toMatch(/You were removed from the meeting/);
  await expect.poll(async () => (await tiles(ben)).map((t) => t.name).sort()).toEqual(['Ada', 'Ben (you)']);
  const changed = await copied(ada);
  expect(changed.split('#')[0]).toBe(link.split('#')[0]);
  expect(changed.split('#')[1]).not.toBe(link.split('#')[1]);
  await sees(ada, 'Ben');
  await decodes(ada);
  await decodes(ben);

  await test.step('the one who was removed comes back by the old link, as a new device', async () => {
    await comesBack(eve, link);
    await sees(ada, 'Unknown participant', 'wrong_secret');
    await sees(ben, 'Unknown participant', 'wrong_secret');
    await expect
      .poll(async () => (await tiles(eve)).filter((t) => t.state === 'wrong_secret').length, { timeout: 45_000 })
      .toBe(2);
    await expect.poll(() => words(eve), { timeout: 45_000 }).toMatch(/Nobody here has your secret/);
    await write(ada, 'Without Eve');
    await reads(ben, [{ name: 'Ada', text: 'Without Eve', private: false }]);
    await reads(eve, []);
    expect(await reception(eve)).toMatchObject({ frames: 0 });
    await eve.close();
  });

  await test.step('a reload finds the new secret, and a new person joins by the new link', async () => {
    await ben.reload();
    await sees(ada, 'Ben');
    await sees(ben, 'Ada');
    await seesMoving(ben, 'Ada');
    const dan = await chromiumTab(chromium, 'Dan');
    await enter(dan, changed);
    await sees(dan, 'Ada');
    await seesMoving(dan, 'Ben');
    await dan.close();
  });
  for (const tab of [ada, ben]) await tab.close();
});

test('removed without changing the link: out of the keys, and back only with a new join', async () => {
  const link = server.link();
  const ada = await chromiumTab(chromium, 'Ada');
  const eve = await chromiumTab(chromium, 'Eve');
  for (const tab of [ada, eve]) await enter(tab, link);
  await sees(ada, 'Eve');
  await act(ada, 'Eve', 'Remove');
  await pressed(ada, 'Remove Eve');
  await expect.poll(() => words(eve), { timeout: 45_000 }).toMatch(/You were removed from the meeting/);
  await expect.poll(async () => (await tiles(ada)).map((t) => t.name)).toEqual(['Ada (you)']);
  await comesBack(eve, link);
  await sees(ada, 'Eve');
  await seesMoving(ada, 'Eve');
  for (const tab of [ada, eve]) await tab.close();
});

test('somebody blocked is neither seen nor heard, by us alone', async () => {
  const link = server.link();
  const ada = await chromiumTab(chromium, 'Ada');
  const ben = await chromiumTab(chromium, 'Ben');
  const eve = await chromiumTab(chromium, 'Eve');
  for (const tab of [ada, ben, eve]) await enter(tab, link);
  for (const other of ['Ben', 'Eve']) await sees(ada, other);
  await sees(ben, 'Eve');
  await act(ada, 'Eve', 'Block');
  await pressed(ada, 'Block Eve');
  await sees(ada, 'Eve', 'blocked');
  const shown = () =>
    ada.evaluate(() => document.querySelectorAll('figure[data-state=blocked] video').length, undefined);
  expect(await shown()).toBe(0);
  await write(eve, 'Can you hear me');
  await reads(ben, [{ name: 'Eve', text: 'Can you hear me', private: false }]);
  await reads(ada, []);
  await sees(ben, 'Eve');
  await seesMoving(ben, 'Eve');
  for (const tab of [ada, ben, eve]) await tab.close();
});

test('remembered: verified once, verified in the next meeting, until the device is forgotten', async () => {
  const ada = await chromiumTab(chromium, 'Ada');
  const ben = await chromiumTab(chromium, 'Ben');
  const meet = async (remember: boolean) => {
    const link = server.link();
    for (const tab of [ada, ben]) {
      await tab.goto(link);
      if (remember) await tick(tab, 'Remember me in this browser');
      await enter(tab, '');
    }
  };
  await meet(true);
  await sees(ada, 'Ben');
  await sees(ben, 'Ada');
  await compare(ada, ben);
  await ben.reload(); // as the same person, with other keys for the call
  await sees(ada, 'Ben', 'verified');
  await sees(ben, 'Ada', 'verified');

  await meet(false); // what is kept is used unless one says no
  await sees(ada, 'Ben', 'verified');
  await sees(ben, 'Ada', 'verified');

  await test.step('a forgotten device is somebody else, who is not taken for the one known', async () => {
    await panel(ben, 'More');
    await pressed(ben, 'This device');
    await pressed(ben, 'Forget this device');
    await pressed(ben, 'Forget everything');
    await expect.poll(() => words(ben), { timeout: 45_000 }).toMatch(/Everything was deleted/);
    await meet(false);
    await sees(ada, 'Ben', 'changed_key');
    await sees(ben, 'Ada', 'new');
  });
  for (const tab of [ada, ben]) await tab.close();
});

test('a secret told aloud: the words open the meeting, and other words say that the secret is another', async () => {
  const aloud = 'abacus-zoom-ability-yodel-cobalt-daisy-umbrella-pliable';
  const [room] = server.link().split('#');
  const ada = await chromiumTab(chromium, 'Ada');
  await enter(ada, `${room}#${aloud}`);
  const ben = await chromiumTab(chromium, 'Ben');
  await ben.goto(room ?? '');
  await tell(ben, 'Abacus zoom, ability YODEL cobalt daisy umbrela pliable');
  await expect.poll(() => words(ben)).toMatch(/Use “umbrella”/);
  await pressed(ben, 'Use “umbrella”');
  await pressed(ben, 'Open with words');
  await enter(ben, '');
  await sees(ada, 'Ben');
  await seesMoving(ben, 'Ada');
  expect(await ben.evaluate(() => location.href, undefined)).toBe(room);

  const eve = await chromiumTab(chromium, 'Eve');
  await eve.goto(room ?? '');
  await tell(eve, aloud.replace('zoom', 'zebra'));
  await enter(eve, '');
  await sees(eve, 'Unknown participant', 'wrong_secret');
  await expect.poll(() => words(eve), { timeout: 45_000 }).toMatch(/Nobody here has your secret/);
  await sees(ada, 'Unknown participant', 'wrong_secret');
  for (const tab of [ada, ben, eve]) await tab.close();
});

/** Types words into the field for them and presses the button. */
async function tell(tab: Tab, typed: string): Promise<void> {
  await expect
    .poll(
      () =>
        tab.evaluate((typed) => {
          const field = [...document.querySelectorAll('textarea')].find((f) =>
            [...f.labels].some((l) => l.textContent?.trim() === 'The eight words'),
          );
          if (!field) return false;
          Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value')?.set?.call(field, typed);
          field.dispatchEvent(new Event('input', { bubbles: true }));
          return true;
        }, typed),
      { timeout: 45_000 },
    )
    .toBe(true);
  await pressed(tab, 'Open with words');
}
