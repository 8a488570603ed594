// A session between a server that is a script and an engine that is one: what each is told, and in which order.

import { signal } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EngineClient } from '../../src/call/engine_client.ts';
import type { Addressed, KeyTransport, Route } from '../../src/call/key_transport.ts';
import { encodeProfile } from '../../src/call/profile.ts';
import { encodeSaid } from '../../src/call/said.ts';
import { Session } from '../../src/call/session.ts';
import type { SessionEvents } from '../../src/call/session_parts.ts';
import { Viewport } from '../../src/call/showing.ts';
import { Signalling } from '../../src/call/signalling.ts';
import { Terms } from '../../src/call/terms.ts';
import type { Device, Feature, Member, Subscription, Welcome } from '../../src/wire.ts';
import type { EngineEnvelope, PageEffect } from '../../src/worker/messages.ts';
import { FakeConnection } from './fake_connection.ts';
import { FakeSocket, FakeTimers } from './fake_socket.ts';
import { FakeWorker } from './fake_worker.ts';

const ben: Device = { user: '@ben:x', device: 'BENBENBENB', join_id: 'BBBB' };
const eve: Device = { user: '@eve:x', device: 'EVEEVEEVEE', join_id: 'EEEE' };
const member = (device: Device): Member => ({ ...device, call_keys: '', sig: '' });
const announcement = {
  user: '@ada:x',
  device: 'ADAADAADAA',
  join_id: 'AAAA',
  call_keys: '',
  sig: '',
  one_time_keys: [],
  fallback_key: { key_id: '', key: '', sig: '' },
};
const profile = { name: 'Ada', mic: true, camera: false, screen: false, hand: 0, recording: false };
const welcome: Welcome = {
  type: 'welcome',
  id: 1,
  seq: 1,
  version: 1,
  server: '',
  room: '!blue:x',
  call: 'Y2FsbA',
  user: '@ada:x',
  device: 'ADAADAADAA',
  resume: 'token',
  resume_secs: 30,
  ice_servers: [{ url: 'turn:x:3478?transport=udp', username: '1:a', credential: 'c' }],
};

/** Carries what Ben and we say to each other; nobody else is written to. */
class FakeTransport implements KeyTransport {
  readonly view = signal({ client: '', user: '', checked: new Map(), guests: false });
  readonly sent: string[] = [];
  heard: (from: Device, envelope: EngineEnvelope) => void = () => {};
  route = ({ user }: Device): Route => (user === ben.user ? 'here' : 'nowhere');
  begin(call: string, self: Device, heard: typeof this.heard): void {
    this.sent.push(`${call} ${self.join_id}`);
    this.heard = heard;
  }
  send(messages: Addressed[]): void {
    this.sent.push(...messages.map(({ to }) => to.user));
  }
  end(): void {
    this.sent.push('end');
  }
}

class Bench {
  readonly keys: FakeTransport | null;
  readonly terms = new Terms(() => 0);
  room: { off?: Feature[] } = {};
  call: { ends_in?: number } = {};
  readonly worker = new FakeWorker();
  readonly socket = new FakeSocket();
  readonly connections = [new FakeConnection(), new FakeConnection()];
  readonly heard: unknown[][] = [];
  readonly reached: Device[] = [];
  readonly viewport = new Viewport(() => this.session.look());
  readonly session: Session;
  made = 0; // connections
  relays: RTCIceServer[] = [];
  private seq = 1;

  constructor(keys: FakeTransport | null = null) {
    this.keys = keys;
    const note =
      (name: string) =>
      (...args: unknown[]) =>
        void this.heard.push([name, ...args]);
    const events: SessionEvents = {
      changed: () => {},
      lost: note('lost'),
      resumed: note('resumed'),
      ended: note('ended'),
      noTransform: note('noTransform'),
      heard: note('heard'),
      reached: (device) => void this.reached.push(device),
      verification: note('verification'),
      left: note('left'),
      removed: note('removed'),
      secretChanged: note('secretChanged'),
    };
    this.session = new Session({
      engine: new EngineClient(this.worker.asWorker(), () => {}),
      api: 'script',
      codec: 'vp8',
      unplayable: [],
      events,
      signalling: (s) => new Signalling('ws://x', s, () => this.socket, new FakeTimers()),
      connection: (relays) => {
        this.relays = relays;
        return (this.connections[this.made++] as FakeConnection).asConnection();
      },
      profile: () => profile,
      order: {
        waits: note('waits'),
        entered: () => {},
        roster: () => {},
        ordered: note('ordered'),
      },
      terms: this.terms,
      viewport: this.viewport,
      keys,
    });
  }

  /** In the room, with these people. */
  async enter(...others: Device[]): Promise<this> {
    const entered = this.session.enter('blue', null);
    this.socket.open();
    this.socket.say({ ...welcome, ...this.room });
    await settle();
    const id = this.worker.sent.findLast((m) => m.type === 'open')?.id ?? 0;
    this.worker.say({ type: 'opened', id, announcement });
    await settle();
    const join = this.socket.sent.findLast((m) => m.type === 'join')?.id ?? 0;
    const members = others.map(member);
    const open = { locked: false, waiting_room: false };
    this.socket.say({ type: 'joined', id: join, seq: ++this.seq, roster_version: 1, members, ...open, ...this.call });
    await entered;
    for (const from of others) this.effects({ type: 'show', from, state: 'new' });
    return this;
  }

  effects(...effects: PageEffect[]): void {
    this.worker.say({ type: 'effects', effects });
  }

  nextSeq(): number {
    return ++this.seq;
  }

  /** Sends something and is offered something. */
  async media(...tracks: Subscription[]): Promise<this> {
    vi.stubGlobal('MediaStream', class {});
    vi.stubGlobal('RTCRtpScriptTransform', class {});
    vi.stubGlobal('RTCRtpSender', { getCapabilities: () => ({ codecs: [{ mimeType: 'audio/opus' }] }) });
    const mic = { kind: 'audio', id: 'mic' } as unknown as MediaStreamTrack;
    this.session.publisher.send('mic', mic).catch(() => {}); // nobody answers
    await settle();
    this.socket.say({
      type: 'subscribe_offer',
      seq: this.nextSeq(),
      offer: 1,
      sdp: tracks.map(({ mid }) => mid).join(' '),
      tracks,
    });
    await settle();
    return this;
  }
}

const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('connections', () => {
  test('are made when there is something to send and something to receive, not before', async () => {
    const bench = await new Bench().enter(ben);
    expect(bench.made).toBe(0);
    await bench.media();
    expect(bench.made).toBe(2);
    expect(bench.relays).toEqual([{ urls: 'turn:x:3478?transport=udp', username: '1:a', credential: 'c' }]);
  });

  test('are restarted when their way breaks, and the session goes on', async () => {
    const { socket, connections, heard } = await (await new Bench().enter(ben)).media();
    const [sending, receiving] = connections as [FakeConnection, FakeConnection];
    const publish = socket.sent.findLast((m) => m.type === 'publish')?.id ?? 0;
    socket.say({ type: 'published', id: publish, seq: 100, sdp: 'theirs' });
    await settle();
    const before = socket.sent.length;
    sending.become('connected');
    receiving.become('connected');
    expect(socket.sent.length).toBe(before);
    sending.become('disconnected');
    receiving.become('failed');
    await settle();
    expect(sending.log.slice(-2)).toEqual(['restart', 'offer']);
    expect([...new Set(socket.types().slice(before))].sort()).toEqual(['ping', 'publish', 'restart']);
    expect(heard).toEqual([]);
  });

  test('are given up after half a minute of restarts', async () => {
    const { connections, heard } = await (await new Bench().enter(ben)).media();
    connections[1]?.become('failed');
    await vi.advanceTimersByTimeAsync(31_000);
    expect(heard).toMatchObject([['ended', { code: 'media_failed' }, true, 0]]);
  });

  test('are restarted when the browser says that the network is another one', async () => {
    const bench = await (await new Bench().enter(ben)).media();
    bench.connections[1]?.become('connected');
    bench.session.retryNow();
    await settle();
    expect(bench.socket.types().at(-1)).toBe('restart');
  });
});

describe('M6 keys that another way carries', () => {
  const envelope = { olm: 0, body: 'sealed', sender_key: 'key' };
  const me: Device = { user: '@ada:x', device: 'ADAADAADAA', join_id: 'AAAA' };
  const told = (bench: Bench) => bench.worker.sent.flatMap((m) => (m.type === 'event' ? [m.event] : []));
  const heard = (bench: Bench) => told(bench).filter(({ type }) => type === 'message_received');

  test('go and come that way alone; what the server delivers is not heard, and is shown', async () => {
    const keys = new FakeTransport();
    const bench = await new Bench(keys).enter(ben, eve);
    bench.effects({
      type: 'send_messages',
      messages: [
        { to: ben, envelope },
        { to: eve, envelope },
      ],
    });
    expect(keys.sent).toEqual(['Y2FsbA AAAA', ben.user]);
    expect(bench.socket.types()).not.toContain('to_device');
    for (const from of [ben, eve])
      bench.socket.say({ type: 'device_message', seq: bench.nextSeq(), from, envelope: { to: me, ...envelope } });
    await settle();
    expect(heard(bench)).toEqual([]);
    expect(bench.session.people.bypassed()).toBe(1);
    keys.heard(ben, envelope);
    expect(heard(bench)).toMatchObject([{ from: ben, envelope }]);
    const states = bench.session.people.tiles().map(({ user, state }) => [user, state]);
    expect(states).toEqual([
      [ben.user, 'new'],
      [eve.user, 'guest'],
    ]);
    void bench.session.leave();
    expect(keys.sent.at(-1)).toBe('end');
  });

  test('wait for somebody whom the server has not told of yet', async () => {
    const keys = new FakeTransport();
    const bench = await new Bench(keys).enter();
    keys.heard(ben, envelope);
    expect(heard(bench)).toEqual([]);
    bench.socket.say({ type: 'roster', seq: bench.nextSeq(), roster_version: 2, left: [], joined: [member(ben)] });
    await settle();
    expect(told(bench).map(({ type }) => type)).toEqual(['roster_changed', 'roster_changed', 'message_received']);
  });
});

describe('what is seen', () => {
  const camera = (mid: string, from: Device): Subscription => ({ mid, from, source: 'camera', codec: 'vp8' });
  const mic = (mid: string, from: Device): Subscription => ({ mid, from, source: 'mic', codec: 'opus' });
  const tile = ({ user, device, join_id }: Device) => `${user}|${device}|${join_id}/camera`;
  const shows = ({ socket }: Bench) => socket.sent.filter((m) => m.type === 'show').map(({ id: _, ...show }) => show);

  test('is told right behind the answer, of tiles that stand already', async () => {
    const bench = await new Bench().enter(ben);
    bench.viewport.see(tile(ben), { width: 640, height: 360 });
    expect(shows(bench)).toEqual([]);
    await bench.media(camera('0', ben), mic('1', ben));
    const videos = [{ mid: '0', width: 640, height: 360, rank: 'grid' }];
    expect(bench.socket.types().slice(-2)).toEqual(['subscribe_answer', 'show']);
    expect(shows(bench)).toEqual([{ type: 'show', videos, silent: [] }]);
  });

  test('changes when somebody speaks, and when the page is hidden', async () => {
    const bench = await new Bench().enter(ben);
    bench.viewport.see(tile(ben), { width: 640, height: 360 });
    await bench.media(camera('0', ben), mic('1', ben));
    bench.socket.say({ type: 'speakers', seq: bench.nextSeq(), devices: [ben] });
    expect(bench.session.people.tiles()[0]?.speaking).toBe(true);
    await vi.advanceTimersByTimeAsync(200);
    expect(shows(bench).at(-1)).toMatchObject({ videos: [{ mid: '0', rank: 'speaker' }] });
    bench.viewport.hide(true);
    await vi.advanceTimersByTimeAsync(200);
    expect(shows(bench).at(-1)).toEqual({ type: 'show', videos: [], silent: [] });
  });

  test('is nothing of somebody blocked, whose sound is not wanted either', async () => {
    const bench = await new Bench().enter(ben);
    bench.viewport.see(tile(ben), { width: 640, height: 360 });
    await bench.media(camera('0', ben), mic('1', ben));
    bench.effects({ type: 'show', from: ben, state: 'blocked' });
    await vi.advanceTimersByTimeAsync(200);
    expect(shows(bench).at(-1)).toEqual({ type: 'show', videos: [], silent: ['1'] });
  });

  test('is not told of a session that is over', async () => {
    const bench = await (await new Bench().enter(ben)).media(camera('0', ben));
    await bench.session.leave();
    bench.viewport.see(tile(ben), { width: 640, height: 360 });
    await vi.advanceTimersByTimeAsync(1000);
    expect(shows(bench)).toEqual([]);
  });
});

describe('what is said', () => {
  test('goes to all sealed, or to one by Olm; nothing of it goes to the server otherwise', async () => {
    const { session, worker, socket } = await new Bench().enter(ben);
    const before = socket.sent.length;
    session.sayToAll('grotto.chat', encodeSaid({ text: 'hello' }));
    session.sayTo('grotto.chat', encodeSaid({ text: 'psst' }), ben);
    expect(worker.events().slice(-2)).toEqual([
      { type: 'say_to_all', kind: 'grotto.chat', body: encodeSaid({ text: 'hello' }) },
      { type: 'say_to', to: [ben], kind: 'grotto.chat', body: encodeSaid({ text: 'psst' }) },
    ]);
    expect(socket.sent.length).toBe(before);
  });

  test('is handed on as it was heard, and newcomers are named once they hear us', async () => {
    const bench = await new Bench().enter(ben);
    const heard = { type: 'heard' as const, from: ben, kind: 'grotto.chat', body: encodeSaid({ text: 'hi' }) };
    bench.effects(heard, { type: 'show', from: ben, state: 'verified' });
    expect(bench.heard).toEqual([['heard', heard]]);
    expect(bench.reached).toEqual([ben]);
  });

  test('nobody has another name for one of us than for all', async () => {
    const bench = await new Bench().enter(ben);
    bench.effects({
      type: 'heard',
      from: ben,
      kind: 'grotto.profile',
      body: encodeProfile({ ...profile, name: 'Ben' }),
    });
    const body = encodeProfile({ ...profile, name: 'Ada’s mother' });
    bench.effects({ type: 'heard', from: ben, kind: 'grotto.profile', body, private: true });
    expect(bench.session.people.name(ben)).toBe('Ben');
  });

  test('a newcomer is told who we are as soon as it can hear us, and once more, should that have been lost', async () => {
    const bench = await new Bench().enter(ben);
    const said = () => bench.worker.events().filter((e) => e.type === 'say_to_all').length;
    await vi.advanceTimersByTimeAsync(100);
    expect(said()).toBe(1);
    await vi.advanceTimersByTimeAsync(14_000);
    expect(said()).toBe(1);
    bench.effects({ type: 'show', from: ben, state: 'verified' }); // nobody new
    await vi.advanceTimersByTimeAsync(60_000);
    expect(said()).toBe(2);
  });

  test('a raised hand goes with the profile', async () => {
    const bench = await new Bench().enter(ben);
    const body = encodeProfile({ ...profile, name: 'Ben', hand: 1_700_000_000_000 });
    bench.effects({ type: 'heard', from: ben, kind: 'grotto.profile', body });
    expect(bench.session.people.tiles()[0]?.hand).toBe(1_700_000_000_000);
  });
});

describe('leaving', () => {
  test('is told to the others, sealed, before it is told to the server', async () => {
    const { session, worker, socket, connections } = await (await new Bench().enter(ben)).media();
    worker.react = (event) => (event.type === 'leaving' ? [{ type: 'send_data', body: 'c2VhbGVk' }] : []);
    const before = socket.sent.length;
    await session.leave();
    expect(socket.sent.slice(before)).toMatchObject([{ type: 'send_data', body: 'c2VhbGVk' }, { type: 'leave' }]);
    expect(socket.closed).toBe(true);
    expect(worker.sent.at(-1)).toEqual({ type: 'close' });
    expect(connections.map((c) => c.log.at(-1))).toEqual(['close', 'close']);
  });

  test('waits 300 ms for the engine at most; media is not closed before, which would end the session', async () => {
    const { session, worker, socket, connections } = await (await new Bench().enter(ben)).media();
    worker.answersPings = false;
    let gone = false;
    const leaving = session.leave().then(() => (gone = true));
    await vi.advanceTimersByTimeAsync(299);
    expect(gone).toBe(false);
    expect(connections.flatMap((c) => c.log)).not.toContain('close');
    expect(socket.types()).not.toContain('leave');
    await vi.advanceTimersByTimeAsync(1);
    await leaving;
    expect(socket.types().at(-1)).toBe('leave');
  });

  test('hears nothing more meanwhile, and is one leaving however often it is asked for', async () => {
    const bench = await new Bench().enter(ben);
    const { session, worker, socket, heard } = bench;
    worker.answersPings = false;
    const all = [session.leave(), session.leave()];
    bench.effects({ type: 'heard', from: ben, kind: 'grotto.chat', body: encodeSaid({ text: 'late' }) });
    socket.say({ type: 'roster', seq: bench.nextSeq(), roster_version: 2, left: [ben], joined: [] });
    await vi.advanceTimersByTimeAsync(300);
    await Promise.all(all);
    expect(heard).toEqual([]);
    expect(socket.types().filter((type) => type === 'leave').length).toBe(1);
  });

  test('of a page that goes does what can be done at once', async () => {
    const { session, worker, socket } = await new Bench().enter(ben);
    session.leaveNow();
    expect(worker.events().at(-1)).toEqual({ type: 'leaving' });
    expect(socket.types().at(-1)).toBe('leave');
    expect(socket.closed).toBe(true);
  });
});

describe('the engine’s questions and answers', () => {
  test('a new proof goes to the server, and one of another device to the engine', async () => {
    const bench = await new Bench().enter(ben);
    bench.effects({ type: 'prove', proof: 'cHJvb2Y' });
    expect(bench.socket.sent.at(-1)).toMatchObject({ type: 'prove', proof: 'cHJvb2Y' });
    bench.socket.say({ type: 'proof', seq: bench.nextSeq(), device: ben, proof: 'bmV3' });
    expect(bench.worker.events().at(-1)).toEqual({ type: 'proof_received', from: ben, proof: 'bmV3' });
  });

  test('who was removed, and a changed link, are told', async () => {
    const bench = await new Bench().enter(ben);
    bench.effects({ type: 'secret_changed', by: ben, sealed: 'box' }, { type: 'removed', by: ben });
    expect(bench.heard).toEqual([
      ['secretChanged', 'box', ben],
      ['removed', ben],
    ]);
  });

  test('the text of a QR code is for the person it was asked for', async () => {
    const bench = await new Bench().enter(ben, eve);
    const { session, worker } = bench;
    const [first, second, third] = [session.qr(ben), session.qr(eve), session.code()];
    expect(
      worker
        .events()
        .slice(-3)
        .map((e) => e.type),
    ).toEqual(['qr_wanted', 'qr_wanted', 'code_wanted']);
    bench.effects({ type: 'qr', with: eve, text: 'for eve' }, { type: 'qr', with: ben, text: 'for ben' });
    expect(await Promise.all([first, second])).toEqual(['for ben', 'for eve']);
    const refused = expect(third).rejects.toThrow('over');
    await session.leave();
    await refused;
    await expect(session.qr(ben)).rejects.toThrow('over');
  });

  test('a question that is never answered is not waited for without end', async () => {
    const { session } = await new Bench().enter(ben);
    const refused = expect(session.code()).rejects.toThrow('did not answer');
    await vi.advanceTimersByTimeAsync(15_000);
    await refused;
  });
});

test('what the room has, and how long, is as the server says', async () => {
  const bench = new Bench();
  bench.room = { off: ['chat'] };
  bench.call = { ends_in: 60 };
  await bench.enter(ben);
  expect([bench.terms.has('chat'), bench.terms.has('polls'), bench.terms.endsAt.value]).toEqual([false, true, 60_000]);
});
