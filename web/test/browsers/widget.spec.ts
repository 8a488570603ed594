// The page as a widget of a Matrix client, and a terminal with a Matrix account, in one call: the secret and the keys go between
// their devices as encrypted messages of a real homeserver.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser as Chromium, expect, type Frame, test } from '@playwright/test';
import { chromiumTab, openChromium, type Tab } from './browsers.js';
import { grotto, media } from './client.js';
import { decodes, press, sees } from './meeting.js';
import { repository } from './server.js';

interface Scene {
  host: string;
  server: string;
  homeserver: string;
  room: string;
  ben: string;
  password: string;
}

/** What the client around the page has seen of it. */
interface Seen {
  actions: string[];
  errors: string[];
  sent: { type: string; content: object }[];
}

const patience = { timeout: 60_000 };
const publish = [media('vp8.ivf'), media('opus.ogg')];
let client: ChildProcess;
let scene: Scene;
let chromium: Chromium;
let folder: string;

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grotto-widget-'));
  client = spawn(`${repository}/bin/matrixhost`, [], { cwd: repository, stdio: ['ignore', 'pipe', 'inherit'] });
  if (!client.stdout) throw new Error('no output');
  const [line] = (await once(createInterface({ input: client.stdout }), 'line')) as [string];
  scene = JSON.parse(line) as Scene;
  chromium = await openChromium();
});

test.afterAll(async () => {
  await chromium?.close();
  client?.kill('SIGTERM');
  if (client && client.exitCode === null) await once(client, 'exit');
  await rm(folder, { recursive: true, force: true });
});

test('M8 a widget and a terminal have one secret and keys over Matrix, and see each other', async () => {
  let widget: Frame | undefined;
  const written: string[] = [];
  const host = await chromiumTab(chromium, 'Ann', '', (page) => {
    page.on('frameattached', (frame) => {
      widget = frame;
    });
    page.on('console', (message) => message.location().url.startsWith(scene.server) && written.push(message.text()));
  });
  await host.goto(scene.host);
  const seen = () => host.evaluate(() => (globalThis as unknown as { seen: Seen }).seen, undefined);
  const ann: Tab = {
    ...host,
    evaluate: (body, argument) => widget?.evaluate(body as never, argument as never) as never,
  };

  await expect.poll(() => press(ann, 'button', 'Join'), patience).toBe(true);
  await sees(ann, 'Ann (you)');
  await expect.poll(async () => (await seen()).actions, patience).toContain('set_always_on_screen true');
  expect((await seen()).sent).toMatchObject([{ type: 'org.matrix.msc3401.call.member' }]);

  const password = join(folder, 'password');
  await writeFile(password, scene.password, { mode: 0o600 });
  const room = ['--matrix', scene.ben, '--matrix-room', scene.room, '--matrix-homeserver', scene.homeserver];
  const ben = grotto(
    [
      'join',
      ...room,
      '--matrix-password-file',
      password,
      '--name',
      'Ben',
      ...publish.flatMap((file) => ['--publish', file]),
    ],
    folder,
  );
  await sees(ann, 'Ben');
  await decodes(ann);

  await test.step('the panel says whose keys came over Matrix', async () => {
    await widget?.locator('.encryption-badge').click();
    await expect
      .poll(() => widget?.locator('#encryption').innerText(), patience)
      .toContain(`${scene.ben}, keys came from there`);
  });

  await test.step('what did not come encrypted is not answered', async () => {
    await host.evaluate(
      ({ room, ben }) => {
        const { api } = globalThis as unknown as { api: { feedToDevice(message: object, encrypted: boolean): void } };
        const content = { v: 1, room_id: room, slug: 'weekly-call', claimed_device_id: 'ANY' };
        api.feedToDevice({ type: 'io.github.grotto-meet.secret_request', sender: ben, content }, false);
      },
      { room: scene.room, ben: scene.ben },
    );
    await expect.poll(() => written, patience).toContain('a to-device message was not taken: not_encrypted');
  });

  await test.step('who hangs up in the client has left, and the room is told', async () => {
    await host.evaluate(() => {
      const { api } = globalThis as unknown as { api: { transport: { send(action: string, data: object): void } } };
      api.transport.send('im.vector.hangup', {});
    }, undefined);
    await expect.poll(async () => (await seen()).actions, patience).toContain('im.vector.hangup');
    await expect.poll(async () => (await seen()).sent.at(-1)?.content, patience).toEqual({});
  });

  await test.step('who comes back is given the secret by the terminal', async () => {
    await expect.poll(() => press(ann, 'button', 'Join again'), patience).toBe(true);
    await expect.poll(() => press(ann, 'button', 'Join'), patience).toBe(true);
    await sees(ann, 'Ben');
    await decodes(ann);
    expect((await seen()).errors).toEqual([]);
  });

  ben.leave();
  const { report } = await ben;
  const opened = report.tracks.filter(({ name, frames_opened }) => name === 'Ann' && frames_opened > 0);
  expect(new Set(opened.map(({ source }) => source))).toEqual(new Set(['camera', 'mic']));
  expect(written.filter((line) => line.includes('Sending object'))).toEqual([]);
});
