// To-device messages: what is taken, what is thrown away, and which way the agents' messages go.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Letters } from '../../src/call/letters.ts';
import { localpartOf, matrixUserOf } from '../../src/call/matrix_user.ts';
import { Carrier } from '../../src/widget/carrier.ts';
import { MESSAGE, SECRET, SECRET_REQUEST, type ToDevice } from '../../src/widget/matrix.ts';
import { Memberships } from '../../src/widget/memberships.ts';
import { messagesFor, open, type Parcel, request, secretFor } from '../../src/widget/parcels.ts';
import type { Device } from '../../src/wire.ts';
import type { EngineEnvelope } from '../../src/worker/messages.ts';
import { ada, ben, eve, FakeRoom, here, joined, membership } from './fake_room.ts';

const call = 'AQEBAQEBAQEBAQEBAQEBAQ';
const adaHere: Device = { user: '@mx.ada=3ahs:meet', device: 'GROTTOADAA', join_id: 'AgICAgICAgICAgICAgICAg' };
const benHere: Device = { user: '@mx.ben=3ahs:meet', device: 'GROTTOBENN', join_id: 'AwMDAwMDAwMDAwMDAwMDAw' };
const guest: Device = { user: '@guest1:meet', device: 'GROTTOGUES', join_id: 'BAQEBAQEBAQEBAQEBAQEBA' };
const secret = 'AAECAwQFBgcICQoLDA0ODw';
const envelope = { olm: 0, body: 'sealed', sender_key: 'key' };

function room(): Memberships {
  const memberships = new Memberships('/r/blue-call', () => 1);
  for (const person of [ada, ben, eve]) memberships.take(joined(person.user));
  memberships.take(membership(ada));
  memberships.take(membership(ben));
  return memberships;
}

const letter = () => messagesFor(here, ben, { call, from: benHere, to: adaHere, envelopes: [envelope] });
const message = (change: Partial<ToDevice> = {}, content: object = letter()): ToDevice => ({
  type: MESSAGE,
  sender: ben.user,
  encrypted: true,
  content: content as Record<string, unknown>,
  ...change,
});

describe('M8 a to-device message', () => {
  test('is taken from a member of the call who is who it says', async () => {
    expect(await open(message(), here, room())).toMatchObject({ type: 'messages', sender: ben, from: benHere });
    const asked = message({ type: SECRET_REQUEST }, request(here, ben));
    expect(await open(asked, here, room())).toEqual({ type: 'request', sender: ben });
    const told = message({ type: SECRET }, secretFor(here, ben, secret));
    expect(await open(told, here, room())).toEqual({ type: 'secret', sender: ben, secret });
  });

  test.each<[string, Partial<ToDevice>, object?]>([
    ['not_encrypted', { encrypted: false }],
    ['not_encrypted', { encrypted: 'yes' as unknown as boolean }],
    ['not_encrypted', { encrypted: false, type: SECRET }, secretFor(here, ben, secret)],
    ['unknown_type', { type: 'm.room_key' }],
    ['other_room', {}, { ...letter(), room_id: '!other:hs' }],
    ['other_room', {}, { ...letter(), slug: 'red-call' }],
    ['not_a_member', { sender: '@mallory:hs' }],
    ['no_membership', { sender: eve.user }],
    ['no_membership', {}, { ...letter(), claimed_device_id: 'ANOTHER' }],
    ['other_user', { sender: ada.user }, { ...letter(), claimed_device_id: ada.device }],
    ['other_user', {}, { ...letter(), from: { ...benHere, user: '@ben:meet' } }],
    ['malformed', {}, { ...letter(), v: 2 }],
    ['malformed', {}, { ...letter(), messages: [{ olm: 0 }] }],
    ['malformed', {}, { ...letter(), to: 'ada' }],
    ['malformed', { type: SECRET }, { ...request(here, ben), secret: '' }],
  ])('is refused: %s', async (reason, change, content) => {
    expect(await open(message(change, content), here, room())).toBe(reason);
  });
});

describe('a message in the file that Go reads, too', () => {
  interface Vector {
    name: string;
    type: string;
    content: Record<string, unknown> & { from: Device; to: Device; call: string; messages: EngineEnvelope[] };
    refused?: boolean;
  }
  const file = new URL('../../../bridge/matrixkeys/testdata/messages.json', import.meta.url);
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vector[];
  const there = { roomID: '!room:example.org', slug: 'blue-harbour' };
  const sender = { user: '@ada:example.org', device: 'QX7PZK29LM' };

  test.each(vectors)('$name', async ({ type, content, refused = false }) => {
    const everybody = { joined: () => true, has: () => true };
    const parcel = await open({ type, sender: sender.user, content, encrypted: true }, there, everybody);
    expect(typeof parcel === 'string').toBe(refused);
    if (typeof parcel === 'string') return;
    const { 'org.matrix.msgid': _, ...ours } = content;
    if (parcel.type === 'request') expect(request(there, sender)).toEqual(ours);
    if (parcel.type === 'secret') expect(secretFor(there, sender, parcel.secret)).toEqual(ours);
    if (parcel.type === 'messages') expect(messagesFor(there, sender, parcel)).toEqual(ours);
  });
});

describe("the agents' messages", () => {
  function carrier({ guests = false } = {}) {
    const hs = new FakeRoom();
    const parts = { client: hs.enter(ada), memberships: room(), here, own: ada, host: 'app', guests, user: ada.user };
    const carried = new Carrier(parts);
    const heard: Device[] = [];
    carried.begin(call, adaHere, (from) => heard.push(from));
    return { hs, carried, heard, memberships: parts.memberships };
  }

  async function parcel(change: Partial<Extract<Parcel, { type: 'messages' }>> = {}) {
    const opened = await open(message(), here, room());
    return { ...(opened as Extract<Parcel, { type: 'messages' }>), ...change };
  }

  test('M8 are heard if they are for us, of this call, and of the Matrix device that was theirs from the first', async () => {
    const { carried, heard } = carrier();
    expect(carried.came(await parcel({ to: benHere }))).toBe(false);
    expect(carried.came(await parcel({ to: { ...adaHere, join_id: 'ZZZZ' } }))).toBe(false);
    expect(carried.came(await parcel({ call: 'b3RoZXI=' }))).toBe(false);
    expect(heard).toEqual([]);
    expect(carried.view.value.checked.size).toBe(0);
    expect(carried.came(await parcel())).toBe(true);
    expect(carried.came(await parcel({ sender: { ...ben, device: 'STOLEN' } }))).toBe(false);
    expect(heard).toEqual([benHere]);
    expect([...carried.view.value.checked]).toEqual([['@mx.ben=3ahs:meet|GROTTOBENN', '@ben:hs']]);
  });

  test('go to every device of the person until one has answered, then to that one', async () => {
    const { hs, carried, memberships } = carrier();
    const other = { ...ben, device: 'BENPHONE' };
    memberships.take(membership(other));
    carried.send([{ to: benHere, envelope }]);
    await expect.poll(() => hs.mail.map(({ to }) => to)).toEqual([ben, other]);
    carried.came(await parcel());
    carried.send([{ to: benHere, envelope }]);
    await expect.poll(() => hs.mail.length).toBe(3);
    expect(hs.mail[2]).toMatchObject({ type: MESSAGE, to: ben, content: letterTo(benHere) });
  });

  const letterTo = (to: Device) => messagesFor(here, ada, { call, from: adaHere, to, envelopes: [envelope] });

  test('wait for a person whose membership has not come', async () => {
    const { hs, carried, memberships } = carrier();
    memberships.take({ ...membership(ben), content: {} });
    carried.send([{ to: benHere, envelope }]);
    await Promise.resolve();
    memberships.take(membership(ben));
    await expect
      .poll(() => {
        carried.look();
        return hs.mail.length;
      })
      .toBe(1);
  });

  function letters(guests: boolean) {
    const { hs, carried } = carrier({ guests });
    const told: string[] = [];
    const shown: string[] = [];
    const people = {
      has: () => true,
      show: ({ user }: Device, state: string) => Boolean(shown.push(`${user} ${state}`)),
      bypass: ({ user }: Device) => void shown.push(`${user} bypassed`),
    };
    const way = new Letters(carried, people, {
      tell: ({ user }) => void told.push(user),
      bySignalling: (messages) => void told.push(...messages.map(({ to }) => `by signalling to ${to.user}`)),
    });
    way.begin(call, adaHere);
    return { hs, carried, way, told, shown };
  }

  test('M6 of people from Matrix go and come no other way; one that the server delivers is shown', async () => {
    const { hs, carried, way, told, shown } = letters(true);
    way.send([{ to: benHere, envelope }]);
    await expect.poll(() => hs.mail.length).toBe(1);
    way.bySignalling(benHere, envelope);
    expect(told).toEqual([]);
    expect(shown).toEqual(['@mx.ben=3ahs:meet bypassed']);
    carried.came(await parcel());
    expect(told).toEqual([benHere.user]);
    way.send([{ to: guest, envelope }]);
    way.bySignalling(guest, envelope);
    expect(told.slice(1)).toEqual([`by signalling to ${guest.user}`, guest.user]);
  });

  test('M8 go to no guest, and come from none, unless whoever added the widget lets them in', () => {
    const { way, told, shown } = letters(false);
    way.joined([guest, benHere]);
    way.send([{ to: guest, envelope }]);
    way.bySignalling(guest, envelope);
    expect(told).toEqual([]);
    expect(shown).toEqual([`${guest.user} guest`]);
  });
});

describe('a user of Matrix', () => {
  const file = new URL('../../../bridge/rtc/testdata/users.json', import.meta.url);
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as { user: string; localpart: string }[];

  test.each(vectors)('$user is $localpart here, and back', async ({ user, localpart }) => {
    expect(await localpartOf(user)).toBe(localpart);
    expect(matrixUserOf(`@${localpart}:meet`)).toBe(localpart.startsWith('mx.') ? user : null);
  });

  test('that is not written so is nobody', () => {
    expect(matrixUserOf('@mx.=zz:meet')).toBeNull();
    expect(matrixUserOf('@ada:meet')).toBeNull();
  });
});
