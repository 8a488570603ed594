// Past the lobby: only by a link that says so, only with a name, and never with anything on.
import { expect, test, vi } from 'vitest';
import { directJoin } from '../../src/ui/lobby/direct.ts';
import { rememberName } from '../../src/ui/lobby/name.ts';
import { FakeStorage } from '../call/fake_storage.ts';

test('a link leads past the lobby whom the browser knows by name, with everything off', () => {
  vi.stubGlobal('localStorage', new FakeStorage());
  expect(directJoin('?lobby=off')).toBe(undefined);
  rememberName('Ada');
  expect(directJoin('?codec=vp9&lobby=off')).toEqual({ name: 'Ada', mic: false, camera: false });
  for (const other of ['', '?lobby=on', '?lobby', '?codec=off']) expect(directJoin(other), other).toBe(undefined);
});
