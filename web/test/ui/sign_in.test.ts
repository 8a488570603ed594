import { expect, test } from 'vitest';
import { signInHref } from '../../src/ui/sign_in/sign_in.ts';

const says = (state: unknown, { ok = true, framed = false } = {}) => ({
  fetch: async () => ({ ok, json: async () => state }),
  framed,
});

test.each([
  ['a server with a provider', says({ provider: true, signed_in: false }), '/login/start?to=/r/blue'],
  ['without one', says({ provider: false, signed_in: false }), null],
  ['signed in already', says({ provider: true, signed_in: true }), null],
  ['in a frame', says({ provider: true, signed_in: false }, { framed: true }), null],
  ['an older server', says(null, { ok: false }), null],
  ['a server that is gone', { fetch: () => Promise.reject(new Error('gone')), framed: false }, null],
])('where one signs in: %s', async (_, page, href) => {
  expect(await signInHref('blue', page)).toBe(href);
});
