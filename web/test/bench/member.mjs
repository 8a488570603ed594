// A member of a meeting in Chromium, for the benchmarks of internal/call: node member.mjs link. It joins without camera and
// microphone, writes its device id as a line, and stays until standard input ends.
import { once } from 'node:events';
import { chromium } from '@playwright/test';

const [, , link] = process.argv;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
});
const page = await browser.newPage();
await page.goto(link);
await page.getByLabel('Your name').fill('Chromium');
await page.getByRole('button', { name: 'Join', exact: true }).click();
const own = page.locator('figure[data-device]', { hasText: 'Chromium' });
await own.waitFor({ timeout: 120_000 });
process.stdout.write(`${await own.getAttribute('data-device')}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
await browser.close();
