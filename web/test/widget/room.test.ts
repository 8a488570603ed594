// A call in a Matrix room: who is in it, who makes its secret, who gets it, and that coming and going is said.
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MEMBERSHIP, type StateEvent } from '../../src/widget/matrix.ts';
import { Memberships, readMembership } from '../../src/widget/memberships.ts';
import { OwnMembership } from '../../src/widget/own_membership.ts';
import { NoSecretError, SecretExchange } from '../../src/widget/secret.ts';
import { MatrixRoom } from '../../src/widget/widget.ts';
import { ada, ben, eve, FakeRoom, here, joined, membership, ROOM, URL_OF_CALL } from './fake_room.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('a membership', () => {
  const path = '/r/blue-call';

  test('counts under its own key, for this call, until it ends', () => {
    let now = 0;
    const memberships = new Memberships(path, () => now);
    memberships.take(joined(ben.user));
    memberships.take(membership(ben, 5));
    expect(memberships.has(ben.user, ben.device)).toBe(true);
    now = 5 + 4 * 3_600_000;
    expect(memberships.standing()).toEqual([]);
    now = 6;
    memberships.take({ ...joined(ben.user), content: { membership: 'ban' } });
    expect(memberships.standing()).toEqual([]);
  });

  interface Vector {
    name: string;
    event: StateEvent;
    membership?: { user: string; device: string; created: number; expires: number; url?: string };
  }
  const file = new URL('../../../bridge/rtc/testdata/memberships.json', import.meta.url);
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vector[];

  test.each(vectors)('is read as in Go: $name', ({ event, membership }) => {
    const { url, ...ours } = membership ?? {};
    expect(readMembership(event, '/r/blue-harbour')).toEqual(url ? ours : null);
    expect(readMembership(event, '/r/red-harbour')).toBeNull();
  });

  test('M4 that somebody writes over neither ends nor changes; its owner ends it', () => {
    const memberships = new Memberships(path, () => 1);
    for (const { user } of [ada, ben]) memberships.take(joined(user));
    memberships.take(membership(ben));
    memberships.take({ ...membership(ben), sender: ada.user, content: {} });
    memberships.take({ ...membership(ben, 9), sender: ada.user });
    expect(memberships.standing()).toMatchObject([{ ...ben, created: 0 }]);
    memberships.take({ ...membership(ben), content: {} });
    expect(memberships.standing()).toEqual([]);
  });
});

describe('our own membership', () => {
  const made = (client: ReturnType<FakeRoom['enter']>) => new OwnMembership(client, ada, URL_OF_CALL, () => Date.now());

  test('is written, and taken back; the homeserver does it for us where it can', async () => {
    const room = new FakeRoom();
    room.delays = true;
    const client = room.enter(ada);
    const own = made(client);
    await own.join();
    expect(client.states.map(({ content, delay }) => [Object.keys(content).length > 0, delay])).toEqual([
      [false, 15_000],
      [true, undefined],
    ]);
    await vi.advanceTimersByTimeAsync(10_500);
    expect(client.delayed).toEqual(['restart delay 1', 'restart delay 1']);
    own.leave();
    expect(client.states.at(-1)).toEqual({ type: MEMBERSHIP, key: '_@ada:hs_ADAPHONE_m.call', content: {} });
    expect(client.delayed.at(-1)).toBe('cancel delay 1');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(client.delayed).toHaveLength(3);
  });

  test('is written and renewed also where the homeserver sends nothing later', async () => {
    const client = new FakeRoom().enter(ada);
    const own = made(client);
    await own.join();
    expect(client.states.at(-1)?.content).toMatchObject({
      device_id: 'ADAPHONE',
      application: 'm.call',
      expires: 600_000,
    });
    expect(client.states.at(-1)?.content).not.toHaveProperty('created_ts');
    own.came(ada.user, 77);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(client.states.at(-1)?.content).toMatchObject({ created_ts: 77, expires: 900_000 });
    expect(client.states).toHaveLength(3);
  });

  test('M4 that somebody else wrote over is written again', async () => {
    const client = new FakeRoom().enter(ada);
    const own = made(client);
    await own.join();
    own.came(ada.user, 77);
    own.came(ben.user, 78);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(client.states.at(-1)?.content).toMatchObject({ device_id: 'ADAPHONE', created_ts: 77 });
    expect(client.states).toHaveLength(3);
  });
});

describe('the secret', () => {
  function exchange(own: typeof ada, room: FakeRoom, secret = '', bot = '') {
    const memberships = new Memberships('/r/blue-call', () => 1);
    const client = room.enter(own);
    const parts = {
      client,
      memberships,
      here,
      own,
      withheld: (user: string) => user === bot,
      held: async () => secret,
    };
    return { memberships, exchanged: new SecretExchange(parts) };
  }

  function inRoom(memberships: Memberships, ...people: (typeof ada)[]): void {
    people.forEach((person, at) => {
      memberships.take(joined(person.user));
      memberships.take(membership(person, at));
    });
  }

  test('is made by whoever is alone, or was here first', async () => {
    const alone = exchange(ada, new FakeRoom());
    inRoom(alone.memberships, ada);
    expect(await alone.exchanged.obtain()).toBeNull();
    const first = exchange(ada, new FakeRoom());
    inRoom(first.memberships, ada, ben);
    const got = first.exchanged.obtain(); // who came later may have made it before they saw us
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await got).toBeNull();
  });

  test('is taken of those who came later, if they have it', async () => {
    const room = new FakeRoom();
    const { memberships, exchanged } = exchange(ada, room);
    inRoom(memberships, ada, ben);
    const got = exchanged.obtain();
    await vi.advanceTimersByTimeAsync(100);
    expect(exchanged.came(ben, 'the secret')).toBe(true);
    expect(await got).toBe('the secret');
  });

  test('is asked of the oldest, after 3 s of all, and taken of those who were asked', async () => {
    const room = new FakeRoom();
    const { memberships, exchanged } = exchange(eve, room);
    inRoom(memberships, ben, ada, eve);
    const got = exchanged.obtain();
    await vi.advanceTimersByTimeAsync(0);
    expect(room.mail.map(({ to }) => to)).toEqual([ben]);
    expect(exchanged.came(ada, 'not asked')).toBe(false);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(room.mail.map(({ to }) => to)).toEqual([ben, ben, ada]);
    expect(exchanged.came({ ...ada, device: 'ANOTHER' }, 'not asked')).toBe(false);
    expect(exchanged.came(ada, 'the secret')).toBe(true);
    expect(await got).toBe('the secret');
    expect(exchanged.came(ada, 'late')).toBe(false);
  });

  test('is not made a second time where nobody answers; it is where all have gone', async () => {
    const { memberships, exchanged } = exchange(ada, new FakeRoom());
    inRoom(memberships, ben, ada);
    const silent = expect(exchanged.obtain()).rejects.toThrow(NoSecretError);
    await vi.advanceTimersByTimeAsync(15_000);
    await silent;
    const gone = exchanged.obtain();
    memberships.take({ ...membership(ben), content: {} });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await gone).toBeNull();
  });

  test('M1 is not given to the bot, nor by one who has none', async () => {
    const room = new FakeRoom();
    const { exchanged } = exchange(ada, room, 'the secret', '@bot:hs');
    expect(await exchanged.requested({ user: '@bot:hs', device: 'BOT' })).toBe(false);
    const empty = exchange(ada, room);
    expect(await empty.exchanged.requested(ben)).toBe(false);
    expect(room.mail).toEqual([]);
    expect(await exchanged.requested(ben)).toBe(true);
    expect(room.mail).toMatchObject([{ to: ben, content: { secret: 'the secret', claimed_device_id: 'ADAPHONE' } }]);
  });
});

describe('two widgets in a room', () => {
  const MADE = 'AAECAwQFBgcICQoLDA0ODw';

  const tokenFor = ({ user }: typeof ada) => new Response(JSON.stringify({ token: 'join', user, bot: '@bot:hs' }));

  class FakeEngine {
    secret = '';
    ready = Promise.resolve();
    trouble = null;
    async newSecret() {
      return MADE;
    }
    async setSecret(secret: string) {
      this.secret = secret;
      return '';
    }
    async readSecret() {
      return this.secret;
    }
  }

  function widget(room: FakeRoom, person: typeof ada, answer = tokenFor(person)) {
    const asked: unknown[] = [];
    const address = {
      widgetID: 'w',
      parentOrigin: 'https://app.example',
      roomID: ROOM,
      userID: person.user,
      deviceID: person.device,
      name: '',
      theme: '',
      language: '',
      guests: false,
    };
    const fetch = async (url: unknown, init?: { body?: unknown }) => {
      asked.push([url, JSON.parse(String(init?.body))]);
      return answer;
    };
    const parts = { client: room.enter(person), fetch: fetch as typeof globalThis.fetch, now: () => room.now };
    const matrix = new MatrixRoom(address, { slug: 'blue-call', origin: 'https://meet.example' }, parts);
    for (const { user } of [ada, ben]) parts.client.state(joined(user));
    const engine = new FakeEngine();
    return { ...matrix, matrix, asked, engine, client: parts.client };
  }

  async function enters({ matrix, engine }: ReturnType<typeof widget>) {
    const { link } = matrix;
    await link.handOver(engine as never);
    const entered = link.enter(engine as never);
    await vi.advanceTimersByTimeAsync(1);
    return entered;
  }

  test('have one secret: the first makes it, the second is given it', async () => {
    const room = new FakeRoom();
    const first = widget(room, ada);
    expect(await enters(first)).toBeNull();
    expect(first.matrix.link.token).toBe('join');
    expect(first.asked).toMatchObject([['/matrix/token', { room_id: ROOM, device_id: 'ADAPHONE' }]]);
    const second = widget(room, ben);
    second.client.state(membership(ada, 1));
    expect(await enters(second)).toBeNull();
    expect(second.engine.secret).toBe(MADE);
    expect(room.mail.map(({ type }) => type)).toEqual([
      'io.github.grotto-meet.secret_request',
      'io.github.grotto-meet.secret',
    ]);
    first.matrix.link.forget();
    expect(first.client.states.at(-1)?.content).toEqual({});
  });

  test('M8 take nothing that did not come encrypted', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const room = new FakeRoom();
    const first = widget(room, ada);
    await enters(first);
    first.client.state(membership(ben, 2));
    const content = { v: 1, room_id: ROOM, slug: 'blue-call', claimed_device_id: ben.device };
    const asks = { type: 'io.github.grotto-meet.secret_request', sender: ben.user, content };
    first.client.toDevice({ ...asks, encrypted: false });
    await vi.advanceTimersByTimeAsync(1);
    expect(room.mail).toEqual([]);
    first.client.toDevice({ ...asks, encrypted: true });
    await vi.advanceTimersByTimeAsync(1);
    expect(room.mail).toHaveLength(1);
  });

  test('a question that comes before the membership of who asks is answered when that comes, if it comes soon', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const room = new FakeRoom();
    const first = widget(room, ada);
    await enters(first);
    const content = { v: 1, room_id: ROOM, slug: 'blue-call', claimed_device_id: ben.device };
    const asks = { type: 'io.github.grotto-meet.secret_request', sender: ben.user, content, encrypted: true };
    first.client.toDevice(asks);
    await vi.advanceTimersByTimeAsync(1);
    expect(room.mail).toEqual([]);
    first.client.state(membership(ben, 2));
    await vi.advanceTimersByTimeAsync(1);
    expect(room.mail).toHaveLength(1);
    first.client.state({ ...membership(ben, 3), content: {} });
    first.client.toDevice(asks);
    await vi.advanceTimersByTimeAsync(1);
    room.now += 11_000;
    first.client.state(membership(ben, 4));
    await vi.advanceTimersByTimeAsync(1);
    expect(room.mail).toHaveLength(1);
  });

  test('who may not say so in the room is told what to change', async () => {
    const silent = widget(new FakeRoom(), ada);
    const data = { matrix_api_error: { response: { errcode: 'M_FORBIDDEN' } } };
    silent.client.sendState = async () => {
      throw Object.assign(new Error('not allowed'), { data });
    };
    expect(await enters(silent)).toMatchObject({ code: 'matrix_power' });
  });

  test('M1 neither the bot nor a user that it makes for a guest gets the secret', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const room = new FakeRoom();
    const first = widget(room, ada);
    await enters(first);
    const content = { v: 1, room_id: ROOM, slug: 'blue-call' };
    for (const user of ['@bot:hs', '@bot_guest_1:hs', '@bot_guest_x:hs']) {
      const device = { user, device: 'D' };
      first.client.state(joined(user));
      first.client.state(membership(device, 9));
      const asks = { ...content, claimed_device_id: 'D' };
      first.client.toDevice({
        type: 'io.github.grotto-meet.secret_request',
        sender: user,
        content: asks,
        encrypted: true,
      });
    }
    await vi.advanceTimersByTimeAsync(1);
    expect(room.mail.map(({ to }) => to.user)).toEqual(['@bot_guest_x:hs']);
  });

  test('M8 a client that names another user than the homeserver does is not believed', async () => {
    const lying = widget(new FakeRoom(), ada, tokenFor(ben));
    expect(await enters(lying)).toMatchObject({ code: 'matrix_failed' });
    expect(lying.matrix.link.token).toBe('');
  });

  test('whom the server refuses is told so, and does not appear', async () => {
    const answer = { errcode: 'M_FORBIDDEN', error: 'not a member; hint: join the room' };
    const refused = widget(new FakeRoom(), ada, new Response(JSON.stringify(answer), { status: 403 }));
    expect(await enters(refused)).toEqual({ code: 'matrix_refused', message: 'not a member', hint: 'join the room' });
    expect(refused.client.states).toEqual([]);
  });
});
