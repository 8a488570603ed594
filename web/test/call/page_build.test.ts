import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { pageBuild } from '../../src/call/page_build.ts';

const hex = (text: string) => createHash('sha256').update(text).digest('hex');
const list = `${hex('a')}  assets/base-1.js\n${hex('b')}  index.html\n`;

function server(health: string, bundle: string, status = 200): typeof fetch {
  return async (path) => new Response(path === '/healthz' ? health : bundle, { status });
}
const health = (bundle: string) => JSON.stringify({ status: 'ok', version: 'v1', bundle });

test('a page knows whether it is the one the server has', async () => {
  const right = server(health(hex(list)), list);
  expect(await pageBuild(right, '/assets/base-1.js')).toEqual({ version: 'v1', bundle: hex(list), state: 'current' });
  expect(await pageBuild(right, '/assets/base-0.js')).toMatchObject({ state: 'older' });
  expect(await pageBuild(right, '/assets/base')).toMatchObject({ state: 'older' });
});

test('two answers that do not agree are said to differ; none, or a boundless one, is an error', async () => {
  expect(await pageBuild(server(health(hex('other')), list), '/index.html')).toMatchObject({ state: 'differs' });
  expect(await pageBuild(server('{}', list), '/index.html')).toMatchObject({ state: 'differs', version: '' });
  await expect(pageBuild(server(health(''), list, 404))).rejects.toThrow('404');
  await expect(pageBuild(server(health(''), 'x'.repeat(70_000)))).rejects.toThrow('/bundle.txt');
  await expect(pageBuild(server('<html>', list))).rejects.toThrow();
});
