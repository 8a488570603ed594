// A recording on the device, and a room in a frame of a page of another origin, which may talk to it if the server names it.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser as Chromium, type Download, expect, type Page, test } from '@playwright/test';
import { chromiumTab, openChromium, type Tab } from './browsers.js';
import { guest, media, probed } from './client.js';
import { enter, seesMoving } from './meeting.js';
import { pressed } from './panels.js';
import { repository, secret, TestServer } from './server.js';

let server: TestServer;
let chromium: Chromium;
let pages: Server[];
let listed = '';
let own = '';
let unlisted = '';

const patience = { timeout: 30_000, intervals: [50, 100, 250] };
const camera = ['--publish', media('vp8.ivf'), '--publish', media('opus.ogg')];
const example = join(repository, 'web/embed/example');

test.beforeAll(async () => {
  pages = [site(example), site(unpackClient()), site(example)];
  [listed = '', own = '', unlisted = ''] = await Promise.all(pages.map(listen));
  server = await TestServer.start('-embed-origin', listed, '-embed-origin', own);
  chromium = await openChromium();
});

test.afterAll(async () => {
  await chromium?.close();
  await server?.stop();
  for (const page of pages ?? []) page.close();
});

/** The example of @grotto/client with the package in it, as its README says. */
function unpackClient(): string {
  const root = mkdtempSync(join(tmpdir(), 'grotto-client-'));
  cpSync(join(repository, 'web/client/example'), root, { recursive: true });
  mkdirSync(join(root, 'client'));
  const tarball = join(repository, 'web/client/grotto-client.tgz');
  execFileSync('tar', ['-xzf', tarball, '-C', join(root, 'client'), '--strip-components', '1']);
  return root;
}

const types: Record<string, string> = {
  html: 'text/html',
  js: 'text/javascript',
  css: 'text/css',
  wasm: 'application/wasm',
};

/** The files of an example, with our server in the place of the one they name. */
function site(root: string): Server {
  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    const name = pathname === '/' ? 'index.html' : pathname.slice(1);
    const type = types[name.split('.').at(-1) ?? ''];
    if (!type || !existsSync(join(root, name))) return void response.writeHead(404).end();
    const bytes = readFileSync(join(root, name));
    const ours = /^(index|page)\./.test(name);
    response.writeHead(200, { 'content-type': type });
    response.end(ours ? bytes.toString().replaceAll('https://meet.example', server.url) : bytes);
  });
}

async function listen(page: Server): Promise<string> {
  await new Promise<void>((done) => page.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
}

test('what is recorded is a file on this device, and everybody is told', async () => {
  let download: Promise<Download> | undefined;
  const watch = (page: Page) => {
    download = page.waitForEvent('download', { timeout: 60_000 });
  };
  const noPicker = 'delete globalThis.showSaveFilePicker;'; // a download: nobody is here to choose a file
  const ada = await chromiumTab(chromium, 'Ada', noPicker, watch);
  const link = server.link();
  const eve = guest([link, '--name', 'Eve', ...camera]);
  const ben = spawn(`${repository}/bin/grotto`, ['chat', link, '--name', 'Ben'], { stdio: ['pipe', 'ignore', 'pipe'] });
  let told = '';
  ben.stderr.on('data', (text) => {
    told += text;
  });
  await enter(ada, link);
  await seesMoving(ada, 'Eve');

  await pressed(ada, 'More');
  await pressed(ada, 'Record on this device');
  await pressed(ada, 'Start recording');
  const words = (tab: Tab) => tab.evaluate(() => document.body.innerText, undefined);
  await expect.poll(() => told, patience).toContain('Ada records the meeting.');
  await expect.poll(() => words(ada), patience).toMatch(/You are recording\s*0:0[3-9]\s*[1-9]\d* kB|MB/);
  await pressed(ada, 'Leave');
  await expect.poll(() => words(ada), patience).toMatch(/The recording was saved as test-.*\.webm/);

  const file = join(mkdtempSync(join(tmpdir(), 'grotto-recording-')), 'a.webm');
  await (await (download as Promise<Download>)).saveAs(file);
  const { seconds, video, audio } = probed(file);
  expect(seconds).toBeGreaterThan(2.5);
  expect(video).toMatchObject({ codec_name: 'vp8', width: 1280, height: 720 });
  expect(Number(video?.nb_read_frames)).toBeGreaterThan(2); // as many as two busy cores draw
  expect(audio).toMatchObject({ codec_name: 'opus' });
  expect(Number(audio?.nb_read_frames)).toBeGreaterThan(40); // of 60 ms
  // Eve's tone is in it.
  const heard = spawnSync('ffmpeg', ['-i', file, '-map', 'a', '-af', 'volumedetect', '-f', 'null', '-'], {
    encoding: 'utf8',
  }).stderr;
  expect(Number(/max_volume: (-?[\d.]+) dB/.exec(heard)?.[1] ?? -100)).toBeGreaterThan(-40);
  ben.kill('SIGINT');
  await eve.leave();
  await ada.close();
});

/** The example page as somebody opens it, with its address. */
async function visit(origin: string, fragment: string): Promise<Page> {
  const page = await (await chromium.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  await page.goto(`${origin}/?name=Ada#${fragment}`);
  return page;
}

test('the example page has a room in it, hears of it and is obeyed', async () => {
  const key = secret();
  const eve = guest([`${server.url}/r/weekly-call#${key}`, '--name', 'Eve']);
  const page = await visit(listed, key);
  const room = page.frameLocator('iframe');
  await room.getByRole('button', { name: 'Join', exact: true }).click(patience);
  const state = page.locator('#state');
  const people = page.getByRole('list', { name: 'In the call' });
  await expect(state).toHaveText('In the call as Ada', patience);
  await expect(people).toContainText('Eve', patience);
  const microphone = room.getByRole('switch', { name: 'Microphone' });
  await expect(microphone).toHaveAttribute('aria-checked', 'true');
  await page.getByRole('button', { name: 'Microphone' }).click();
  await expect(microphone).toHaveAttribute('aria-checked', 'false');
  await expect(people).toContainText('Ada, muted');
  // One goes by another name, there and in the room; what is not to be had is refused with the reason.
  await page.getByLabel('Your name').fill('Ada L.');
  await page.getByRole('button', { name: 'Change' }).click();
  await expect(people).toContainText('Ada L., muted');
  await expect(room.getByText('Ada L. (you)').first()).toBeVisible();
  await page.evaluate("void api.executeCommand('startRecording', { mode: 'file' }).catch(() => {})");
  await expect(state).toContainText('the server cannot open');
  // The secret is in nobody's address but the page's own.
  const inner = page.frames()[1]?.url() ?? '';
  expect(inner).toContain('/r/weekly-call');
  expect(inner).not.toContain(key);
  await page.getByRole('button', { name: 'Leave' }).click();
  await expect(state).toHaveText('The call is over');
  await expect.poll(() => page.frames().length).toBe(1);
  await eve.leave();
  await page.context().close();
});

test('S6: a page that the server does not name has no room in it', async () => {
  const page = await visit(unlisted, secret());
  await expect.poll(() => page.frames()[1]?.url(), patience).toContain('chrome-error:');
  await expect(page.locator('#state')).toHaveText('Not in the call');
  await page.context().close();
});

test('a page of one\u2019s own takes part with the package, whose types hold', async () => {
  const key = secret();
  const eve = guest([`${server.url}/r/weekly-call#${key}`, '--name', 'Eve', ...camera]);
  const page = await visit(own, key);
  await page.getByRole('button', { name: 'Join' }).click();
  await expect(page.locator('#state')).toHaveText('in_call', patience);
  await expect(page.locator('figcaption', { hasText: 'Eve: new' })).toBeVisible(patience);
  const video = page.locator('figure', { hasText: 'Eve' }).locator('video');
  await expect.poll(() => video.evaluate((v: HTMLVideoElement) => v.videoWidth), patience).toBeGreaterThan(0);
  expect(page.url()).toContain(key); // its address is its own business
  await page.getByRole('button', { name: 'Leave' }).click();
  await expect(page.locator('#state')).toHaveText('left');
  await eve.leave();
  await page.context().close();

  const root = unpackClient();
  const modules = join(repository, 'web/node_modules');
  const use = `import { type Client, effect, newSecret, openCall, type TileView } from '@grotto/client';
    const { meeting }: Client = openCall({ server: 'https://x', room: 'abc', secret: newSecret() });
    effect(() => meeting.tiles.value.forEach(({ name, state }: TileView): string => name + state));
    // @ts-expect-error there is no such option
    openCall({ server: 'https://x', room: 'abc', plaintext: true });`;
  mkdirSync(join(root, 'app'));
  writeFileSync(join(root, 'app/use.ts'), use);
  mkdirSync(join(root, 'node_modules/@grotto'), { recursive: true });
  renameSync(join(root, 'client'), join(root, 'node_modules/@grotto/client'));
  symlinkSync(join(modules, '@preact'), join(root, 'node_modules/@preact'));
  const strict = ['--strict', '--noEmit', '--target', 'es2023', '--module', 'esnext', '--moduleResolution', 'bundler'];
  const checked = spawnSync(process.execPath, [join(modules, 'typescript/bin/tsc'), ...strict, 'app/use.ts'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(checked.stdout).toBe('');
});
