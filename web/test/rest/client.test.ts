// The client of the REST API against the server itself.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RestClient, RestError, withSecret, withToken } from '../../src/rest/client.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const BUILD_MS = 300_000; // where nothing is compiled yet

let folder: string;
let server: ChildProcess;
let client: RestClient;
let origin: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'grotto-rest-'));
  const program = join(folder, 'grotto-server');
  execFileSync('go', ['build', '-o', program, './cmd/server'], { cwd: repository });
  const data = ['--data', join(folder, 'data')];
  const rest = ['--listen', '127.0.0.1:0', '--udp', '127.0.0.1:0', '--turn', 'off', '--webhook-private'];
  server = spawn(program, [...rest, ...data], { stdio: ['ignore', 'pipe', 'ignore'] });
  if (!server.stdout) throw new Error('nothing to read');
  const [line] = await new Promise<string[]>((resolve) => {
    if (server.stdout) createInterface(server.stdout).once('line', (text) => resolve([text]));
  });
  origin = /http:\/\/[^/]+/.exec(line ?? '')?.[0] ?? '';
  const key = execFileSync(program, ['api-key', 'create', ...data], { encoding: 'utf8' }).trim();
  client = new RestClient({ server: `${origin}/`, key });
}, BUILD_MS);

afterAll(() => {
  server.kill();
  rmSync(folder, { recursive: true });
});

test('a room lives from its making to its end, and its link is made whole here', async () => {
  const made = await client.createRoom({ friendly_url: 'weekly', topic: 'Über', chat_enabled: false });
  expect(made).toMatchObject({ link: `${origin}/r/weekly`, topic: 'Über', chat_enabled: false, e2ee_enabled: true });
  expect((await client.updateRoom('weekly', { is_locked: true })).is_locked).toBe(true);
  expect((await client.room(made.id)).is_locked).toBe(true);
  expect(await client.rooms({ limit: 1 })).toMatchObject({ total_count: 1, data: [{ friendly_url: 'weekly' }] });

  const links = [withSecret(made.link), withSecret(made.link)];
  for (const link of links) expect(link).toMatch(/\/r\/weekly#[\w-]{22}$/);
  expect(links[0]).not.toBe(links[1]);
  expect(() => withSecret(links[0] ?? '')).toThrow('secret already');

  const token = await client.createToken('weekly', { role: 'viewer', external_id: 'staff-7' });
  expect(withToken(links[0] ?? '', token.token)).toBe(token.link + new URL(links[0] ?? '').hash);
  await client.revokeToken(token.id);

  expect(await client.liveRooms()).toEqual({ total_count: 0, data: [] });
  expect(await client.load()).toMatchObject({ rooms: 0, participants: 0 });
  expect(await client.roomSessions('weekly')).toEqual({ total_count: 0, data: [] });
  expect(await client.statistics({ from: new Date(0) })).toMatchObject({ sessions: 0 });
  await client.deleteRoom('weekly');
  await expect(client.room('weekly')).rejects.toMatchObject({ status: 404 });
});

test('a webhook is made, tried, changed and forgotten', async () => {
  const made = await client.createWebhook({ url: 'http://127.0.0.1:9/hook', events: ['session_ended'] });
  expect(made.secret).toMatch(/^whsec_/);
  await client.testWebhook(made.id);
  expect((await client.deliveries(made.id)).data).toMatchObject([{ event: 'test' }]);
  expect((await client.updateWebhook(made.id, { disabled: true })).disabled).toBe(true);
  await client.deleteWebhook(made.id);
  expect((await client.webhooks()).total_count).toBe(0);
});

test('a refusal says which field, and why', async () => {
  const refused = await client.createRoom({ e2ee_enabled: false }).catch((error: RestError) => error);
  expect(refused).toBeInstanceOf(RestError);
  expect(refused).toMatchObject({ status: 422, reasons: [{ location: 'body.e2ee_enabled' }] });
  expect((refused as RestError).message).toContain('end-to-end encrypted');
  const stranger = new RestClient({ server: origin, key: 'grotto_a_b' });
  await expect(stranger.rooms()).rejects.toMatchObject({ status: 401 });
});
