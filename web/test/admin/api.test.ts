// What the operator's page asks, and what it says of refusals.
import { expect, test } from 'vitest';
import { at, type Fetch, Refusal, Server } from '../../src/admin/api.ts';

function bench(status: number, said: string) {
  const asked: [string, unknown][] = [];
  const fetch: Fetch = async (path, init) => {
    asked.push([path, init]);
    return { ok: status < 400, status, text: async () => said };
  };
  return { server: new Server(fetch), asked };
}

test('asks the API below its prefix, with JSON', async () => {
  const { server, asked } = bench(201, '{"id":"1"}');
  expect(await server.post(`/rooms/${at('a/b')}/token`, { role: 'viewer' })).toEqual({ id: '1' });
  await server.remove('/tokens/7');
  expect(asked).toEqual([
    [
      '/api/v1/rooms/a%2Fb/token',
      { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"role":"viewer"}' },
    ],
    ['/api/v1/tokens/7', { method: 'DELETE' }],
  ]);
});

test('an answer without a body is one', async () => {
  expect(await bench(204, '').server.signOut()).toBeNull();
});

test.each([
  [
    'of the API',
    '{"title":"Unprocessable Entity","detail":"validation failed","errors":[{"message":"a name of 3 to 64","location":"body.friendly_url"}]}',
    'validation failed',
    'friendly_url: a name of 3 to 64',
  ],
  [
    'of the login',
    '{"message":"this password is wrong","hint":"make another"}',
    'this password is wrong',
    'make another',
  ],
  ['of a proxy', '<html>', 'The server answered 422.', ''],
  ['of nothing', '', 'The server answered 422.', ''],
])('a refusal %s says what and why', async (_, said, message, hint) => {
  await expect(bench(422, said).server.get('/rooms')).rejects.toMatchObject({ status: 422, message, hint });
});

test('a server that is gone is said to be', async () => {
  const server = new Server(() => Promise.reject(new TypeError('failed to fetch')));
  await expect(server.health()).rejects.toBeInstanceOf(Refusal);
});
