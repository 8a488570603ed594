// A whole meeting of the page, between a browser, a server and a worker that are scripts.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openMeeting } from '../../src/call/meeting.ts';
import { encodeProfile } from '../../src/call/profile.ts';
import { encodeSaid } from '../../src/call/said.ts';
import type { Meeting } from '../../src/call/view.ts';
import type { Device, ServerMessage } from '../../src/wire.ts';
import type { PageEffect, ToWorker } from '../../src/worker/messages.ts';
import { FakeConnection } from './fake_connection.ts';
import { FakeSocket } from './fake_socket.ts';
import { FakeStorage } from './fake_storage.ts';
import { FakeWorker } from './fake_worker.ts';

const ada: Device = { user: '@ada:x', device: 'ADAADAADAA', join_id: 'AAAA' };
const ben: Device = { user: '@ben:x', device: 'BENBENBENB', join_id: 'BBBB' };
const keys = { call_keys: '', sig: '', one_time_keys: [], fallback_key: { key_id: '', key: '', sig: '' } };

/** A worker that grants whatever is asked for. */
class WillingWorker extends FakeWorker {
  override postMessage(message: ToWorker): void {
    super.postMessage(message);
    const answer = this.answer(message);
    if (answer) queueMicrotask(() => this.say(answer));
  }

  private answer(message: ToWorker): Parameters<FakeWorker['say']>[0] | null {
    switch (message.type) {
      case 'set_secret':
      case 'keep_secret':
        return { type: 'secret_kept', id: message.id, sealed: 'sealed' };
      case 'read_secret':
        return { type: 'secret', id: message.id, secret: 'secret' };
      case 'identity':
        return { type: 'identity', id: message.id, identity: message.action === 'keep' ? 'kept' : 'guest' };
      case 'open':
        return { type: 'opened', id: message.id, announcement: { ...ada, ...keys } };
      default:
        return null;
    }
  }
}

class Bench {
  readonly workers: WillingWorker[] = [];
  readonly sockets: FakeSocket[] = [];
  readonly storage = new FakeStorage();
  readonly bar: string[] = [];
  readonly meeting: Meeting;
  private seq = 1;

  constructor() {
    const { workers, sockets, bar } = this;
    const made = <T>(list: T[], thing: T) => list[list.push(thing) - 1];
    const location = { origin: 'https://x', pathname: '/r/blue', search: '', hash: '#secret', reload: () => {} };
    vi.stubGlobal('isSecureContext', true);
    vi.stubGlobal('location', location);
    vi.stubGlobal('sessionStorage', this.storage);
    vi.stubGlobal('addEventListener', () => {});
    vi.stubGlobal('removeEventListener', () => {});
    vi.stubGlobal('navigator', {});
    vi.stubGlobal('document', { hidden: false, addEventListener: () => {}, removeEventListener: () => {} });
    vi.stubGlobal('history', { state: null, replaceState: (_: unknown, __: string, url: string) => bar.push(url) });
    vi.stubGlobal('MediaStream', class {});
    vi.stubGlobal('RTCRtpScriptTransform', class {});
    vi.stubGlobal('RTCPeerConnection', FakeConnection);
    vi.stubGlobal('RTCRtpReceiver', { getCapabilities: () => null }); // nothing is known of what it plays
    // biome-ignore lint/complexity/useArrowFunction: they are constructors
    vi.stubGlobal('Worker', function () {
      return made(workers, new WillingWorker());
    });
    // biome-ignore lint/complexity/useArrowFunction: they are constructors
    vi.stubGlobal('WebSocket', function () {
      return made(sockets, new FakeSocket());
    });
    this.meeting = openMeeting(location as unknown as Location);
  }

  get worker(): WillingWorker {
    return this.workers.at(-1) as WillingWorker;
  }

  get socket(): FakeSocket {
    return this.sockets.at(-1) as FakeSocket;
  }

  async join(): Promise<this> {
    const joining = this.meeting.join({ name: ' Ada ', mic: false, camera: false });
    await settle();
    await joining;
    await this.admit();
    return this;
  }

  /** The server lets the page in, where Ben is. */
  async admit(): Promise<void> {
    const { socket } = this;
    socket.open();
    const hello = socket.sent.at(-1)?.id ?? 0;
    this.seq = 1;
    const { user, device } = ada;
    const place = { version: 1, server: '', room: '!blue:x', call: 'Y2FsbA', user, device, ice_servers: [] };
    const resume = `token ${this.sockets.length}`;
    this.say({ type: 'welcome', id: hello, seq: 1, ...place, resume, resume_secs: 30 });
    await settle();
    const join = socket.sent.findLast((m) => m.type === 'join')?.id ?? 0;
    const members = [{ ...ben, call_keys: '', sig: '' }];
    const open = { locked: false, waiting_room: false };
    this.say({ type: 'joined', id: join, seq: ++this.seq, roster_version: 1, members, ...open });
    await settle();
    const body = encodeProfile({ name: 'Ben', mic: true, camera: false, screen: false, hand: 0, recording: false });
    this.effects(
      { type: 'show', from: ben, state: 'new' },
      { type: 'heard', from: ben, kind: 'grotto.profile', body, private: false },
    );
  }

  say(message: ServerMessage): void {
    this.socket.say(message);
  }

  effects(...effects: PageEffect[]): void {
    this.worker.say({ type: 'effects', effects });
  }

  tiles(): string[] {
    return this.meeting.tiles.value.map(({ name, state, self }) => `${name} ${state}${self ? ' self' : ''}`);
  }
}

const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a meeting', () => {
  test('is joined with the link’s secret, which leaves the address bar', async () => {
    const bench = await new Bench().join();
    expect(bench.meeting.problem.value).toBeNull();
    expect(bench.meeting.phase.value).toBe('in_call');
    expect(bench.tiles()).toEqual(['Ada new self', 'Ben new']);
    expect(bench.worker.sent[0]).toMatchObject({ type: 'set_secret', secret: 'secret' });
    expect(bench.bar).toEqual(['/r/blue']);
    expect(JSON.stringify(bench.socket.sent)).not.toContain('secret');
    await expect(bench.meeting.link?.()).resolves.toBe('https://x/r/blue#secret');
  });

  test('says lines, reactions and the hand, and shows those of others under their names', async () => {
    const bench = await new Bench().join();
    const { meeting, worker } = bench;
    await meeting.say?.('hello');
    meeting.react?.('🎉');
    meeting.setHand(true);
    await vi.advanceTimersByTimeAsync(100);
    bench.effects({ type: 'heard', from: ben, kind: 'grotto.chat', body: encodeSaid({ text: 'hi' }), private: true });
    expect(meeting.chat.value.map(({ name, text, self }) => [name, text, self])).toEqual([
      ['Ada', 'hello', true],
      ['Ben', 'hi', false],
    ]);
    expect(meeting.reactions.value.map(({ name }) => name)).toEqual(['Ada']);
    expect(meeting.tiles.value[0]?.hand).toBeGreaterThan(0);
    const kinds = worker.events().flatMap((e) => (e.type === 'say_to_all' ? [e.kind] : []));
    expect(kinds.slice(-3)).toEqual(['grotto.chat', 'grotto.reaction', 'grotto.profile']);
  });

  test('that the server ended is joined again under another session, after longer and longer', async () => {
    const bench = await new Bench().join();
    const pauses: number[] = [];
    for (const _ of [1, 2, 3]) {
      bench.say({ type: 'bye', seq: 9, code: 'shutting_down', message: '' });
      expect(bench.meeting.phase.value).toBe('reconnecting');
      const before = bench.sockets.length;
      let waited = 0;
      while (bench.sockets.length === before && waited < 20_000) {
        await vi.advanceTimersByTimeAsync(500);
        waited += 500;
      }
      pauses.push(waited);
      await bench.admit();
      expect(bench.meeting.phase.value).toBe('in_call');
    }
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(pauses[2]).toBeGreaterThan(pauses[0] as number);
    expect(bench.tiles()).toEqual(['Ada new self', 'Ben new']);
  });

  test('that one leaves keeps nothing, and can be joined anew', async () => {
    const bench = await new Bench().join();
    bench.meeting.leave();
    await settle();
    expect(bench.meeting.phase.value).toBe('left');
    expect(bench.tiles()).toEqual([]);
    expect(bench.storage.length).toBe(0);
    expect(bench.worker.sent).toContainEqual({ type: 'forget', sealed: 'sealed' });
    expect(bench.socket.types().at(-1)).toBe('leave');
    await bench.join();
    expect(bench.meeting.phase.value).toBe('in_call');
  });

  test('from which one was removed is over, and nothing comes back by itself', async () => {
    const bench = await new Bench().join();
    bench.effects({ type: 'removed', by: ben });
    await vi.advanceTimersByTimeAsync(60_000);
    expect([bench.meeting.phase.value, bench.meeting.problem.value?.code]).toEqual(['failed', 'removed']);
    expect(bench.sockets.length).toBe(1);
  });

  test('whose worker is lost shows nothing as if it opened, and says nothing', async () => {
    const bench = await new Bench().join();
    bench.worker.onerror?.({ message: 'gone' });
    expect(bench.tiles()).toEqual(['Ada engine_failed self', 'Ben engine_failed']);
    expect(bench.meeting.encryption.value.state).toBe('broken');
    await expect(bench.meeting.say?.('hello')).rejects.toMatchObject({ code: 'offline' });
    await expect(bench.meeting.code?.()).rejects.toThrow();
  });
});
