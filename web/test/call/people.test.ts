import { describe, expect, test } from 'vitest';
import { People } from '../../src/call/people.ts';
import { cleanName, decodeProfile, encodeProfile, NAME_LIMIT } from '../../src/call/profile.ts';
import { encodeSaid } from '../../src/call/said.ts';
import type { Device } from '../../src/wire.ts';

const ada: Device = { user: '@guest-1:x', device: 'ADA', join_id: 'AAAA' };
const ben: Device = { user: '@guest-2:x', device: 'BEN', join_id: 'BBBB' };
const stream = (name: string) => ({ id: name }) as unknown as MediaStream;
const profile = { name: 'Ada', mic: true, camera: true, screen: false, hand: 0, recording: false };

describe('people', () => {
  test('come without a name, waiting for a key; the server’s user id is not shown as one', () => {
    const people = new People();
    people.join(ada);
    const [tile] = people.tiles();
    expect(tile).toMatchObject({ name: 'Participant', state: 'waiting_for_key', user: '@guest-1:x', device: 'ADA' });
    people.show(ada, 'wrong_secret');
    expect(people.tiles()[0]?.name).toBe('Unknown participant');
  });

  test('have a tile, and one more for a screen, each with its own sound', () => {
    const people = new People();
    people.join(ada);
    people.join(ben);
    people.introduce(ada, profile);
    people.receive([
      { mid: '0', from: ada, source: 'camera', codec: 'vp8', stream: stream('camera') },
      { mid: '1', from: ada, source: 'mic', codec: 'opus', stream: stream('mic') },
      { mid: '2', from: ada, source: 'screen', codec: 'vp8', stream: stream('screen') },
      { mid: '3', from: ada, source: 'screen_audio', codec: 'opus', stream: stream('screen audio') },
    ]);
    const seen = people.tiles().map((t) => [t.kind, t.name, t.video?.id, t.audio?.id]);
    expect(seen).toEqual([
      ['camera', 'Ada', 'camera', 'mic'],
      ['screen', 'Ada', 'screen', 'screen audio'],
      ['camera', 'Participant', undefined, undefined],
    ]);
  });

  test('are told apart by join id: tracks and words of an earlier stay are not theirs', () => {
    const people = new People();
    people.join(ada);
    const earlier = { ...ada, join_id: 'ZZZZ' };
    people.introduce(earlier, profile);
    people.receive([{ mid: '0', from: earlier, source: 'camera', codec: 'vp8', stream: stream('camera') }]);
    expect(people.show(earlier, 'new')).toBe(false);
    expect(people.tiles()[0]).toMatchObject({ name: 'Participant', video: null, state: 'waiting_for_key' });
    people.leave(earlier);
    expect(people.tiles().length).toBe(1);
  });

  test('are introduced to once their key is here, and counted when something is wrong', () => {
    const people = new People();
    people.join(ada);
    people.join(ben);
    expect(people.show(ada, 'new')).toBe(true);
    expect(people.show(ada, 'new')).toBe(false);
    expect(people.concerning()).toBe(0);
    people.show(ben, 'cannot_decrypt');
    expect(people.concerning()).toBe(1);
  });

  test('K7 a warning about the list stands while anybody has one, the graver one first, and goes with its person', () => {
    const people = new People();
    people.join(ada);
    people.join(ben);
    expect(people.warning()).toBe('');
    people.warn(ada, 'silent');
    expect(people.warning()).toBe('silent');
    people.warn(ben, 'roster_differs');
    expect(people.warning()).toBe('roster_differs');
    people.warn(ben, '');
    people.leave(ada);
    people.warn(ada, 'roster_differs');
    expect(people.warning()).toBe('');
  });
});

describe('how people are sent', () => {
  function crowd(): People {
    const people = new People();
    people.join(ada);
    people.join(ben);
    for (const device of [ada, ben]) people.show(device, 'new');
    people.receive([
      { mid: '0', from: ada, source: 'camera', codec: 'vp8', stream: stream('camera') },
      { mid: '1', from: ada, source: 'mic', codec: 'opus', stream: stream('mic') },
      { mid: '2', from: ben, source: 'screen', codec: 'vp8', stream: stream('screen') },
      { mid: '3', from: ben, source: 'mic', codec: 'opus', stream: stream('mic of ben') },
    ]);
    return people;
  }

  test('a video that is paused says so on its tile, and one that is hidden does not', () => {
    const people = crowd();
    const paused = () => people.tiles().filter((tile) => tile.paused);
    people.streams([
      { mid: '0', state: 'hidden', layer: -1 },
      { mid: '2', state: 'paused', layer: -1 },
    ]);
    expect(paused().map(({ kind, user }) => [kind, user])).toEqual([['screen', '@guest-2:x']]);
    people.streams([{ mid: '2', state: 'live', layer: 0 }]);
    expect(paused()).toEqual([]);
  });

  test('a pause ends with its m-line', () => {
    const people = crowd();
    people.streams([{ mid: '0', state: 'paused', layer: -1 }]);
    people.receive([]);
    people.receive([{ mid: '0', from: ada, source: 'camera', codec: 'vp8', stream: stream('camera') }]);
    expect(people.tiles()[0]?.paused).toBe(false);
  });

  test('a pause is not another’s who takes the m-line over', () => {
    const people = crowd();
    people.streams([{ mid: '0', state: 'paused', layer: -1 }]);
    people.receive([{ mid: '0', from: ben, source: 'camera', codec: 'vp8', stream: stream('camera of ben') }]);
    expect(people.tiles().filter(({ paused }) => paused)).toEqual([]);
  });

  test('who speaks is marked on the face, not on the screen, and not with the microphone off', () => {
    const people = crowd();
    people.speak([ben, { ...ada, join_id: 'ZZZZ' }]);
    expect(people.tiles().map(({ kind, speaking }) => [kind, speaking])).toEqual([
      ['camera', false],
      ['camera', true],
      ['screen', false],
    ]);
    people.introduce(ben, { ...profile, mic: false });
    expect(people.tiles().filter(({ speaking }) => speaking)).toEqual([]);
  });

  test('of somebody blocked nothing is watched and no sound is wanted', () => {
    const people = crowd();
    people.speak([ada]);
    const tile = (device: Device, kind: string) => `${device.user}|${device.device}|${device.join_id}/${kind}`;
    const camera = { mid: '0', tile: tile(ada, 'camera'), screen: false, speaking: true };
    const screen = { mid: '2', tile: tile(ben, 'screen'), screen: true, speaking: false };
    expect(people.watchable()).toEqual([camera, screen]);
    expect(people.tiles().map(({ key }) => key)).toContain(camera.tile);
    expect(people.silent(() => false)).toEqual([]);
    people.show(ben, 'blocked');
    expect(people.watchable()).toEqual([camera]);
    expect(people.silent(() => false)).toEqual(['3']);
    expect(people.silent(({ user, kind }) => user === ada.user && kind === 'camera')).toEqual(['1', '3']);
  });
});

describe('a profile', () => {
  test('survives the way there', () => {
    expect(decodeProfile(encodeProfile({ ...profile, name: '  Ada   Lovelace 👩‍💻 ' }))).toEqual({
      ...profile,
      name: 'Ada Lovelace 👩‍💻',
    });
  });

  test.each(['', '!', 'bnVsbA', 'WzFd', btoa('{"name":1}'), btoa('{"nam'), btoa('"x"')])('%j is none', (body) => {
    expect(decodeProfile(body)).toBeNull();
  });

  test('says nothing that is not true or false', () => {
    const body = btoa(JSON.stringify({ name: 'Ada', mic: 'yes', camera: 1, screen: true, hand: 'up', more: {} }));
    expect(decodeProfile(body)).toEqual({
      name: 'Ada',
      mic: false,
      camera: false,
      screen: true,
      hand: 0,
      recording: false,
    });
    const able = (unplayable: unknown) => decodeProfile(encodeSaid({ ...profile, unplayable }))?.unplayable;
    expect([able(['h264', 'h266', 7]), able([]), able('h264'), able({})]).toEqual([
      ['h264'],
      undefined,
      undefined,
      undefined,
    ]);
  });

  test.each([
    ['Ada\u0000\u001b[31m\nBen', 'Ada [31m Ben'],
    ['\u202eneB\u202c', 'neB'],
    ['\u2067Ada\u2069', 'Ada'],
    ['x'.repeat(1000), 'x'.repeat(NAME_LIMIT)],
    ['👩'.repeat(100), '👩'.repeat(NAME_LIMIT)],
    ['A\u200bd\ufeffa\u00ad', 'Ada'],
    ['\u200d \u200c', ''],
    [' \t ', ''],
  ])('a name cannot rewrite what stands around it: %j', (name, clean) => {
    expect(cleanName(name)).toBe(clean);
  });
});
