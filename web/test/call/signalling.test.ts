import { describe, expect, test } from 'vitest';
import { SignallingError } from '../../src/call/requests.ts';
import { Signalling, type SignallingEvents } from '../../src/call/signalling.ts';
import type { ServerMessage } from '../../src/wire.ts';
import { FakeSocket, FakeTimers } from './fake_socket.ts';

const welcome: ServerMessage = {
  type: 'welcome',
  id: 1,
  seq: 1,
  version: 1,
  server: 'test',
  room: '!blue:meet.example',
  call: 'usHIz9bd5Ovy+QAHDhUcIw',
  user: '@guest-k3v9x2mq:meet.example',
  device: 'QX7PZK29LM',
  resume: 'the-token',
  resume_secs: 30,
  ice_servers: [],
};
const roster = (seq: number): ServerMessage => ({ type: 'roster', seq, roster_version: seq, left: [], joined: [] });

class Bench {
  readonly timers = new FakeTimers();
  readonly sockets: FakeSocket[] = [];
  readonly heard: string[] = [];
  readonly signalling: Signalling;

  constructor() {
    const events: SignallingEvents = {
      notice: (m) => this.heard.push(`${m.type} ${m.seq}`),
      lost: (attempts) => this.heard.push(`lost ${attempts}`),
      resumed: () => this.heard.push('resumed'),
      ended: (p, again, afterMs) => this.heard.push(`ended ${p.code} ${again ? `again ${afterMs}` : 'for good'}`),
    };
    const connect = () => {
      this.sockets.push(new FakeSocket());
      return this.socket;
    };
    this.signalling = new Signalling('ws://meet.example/v1/signal', events, connect, this.timers);
  }

  get socket(): FakeSocket {
    const last = this.sockets.at(-1);
    if (!last) throw new Error('no socket was dialled');
    return last;
  }

  /** A session that has said hello. */
  static async live(): Promise<Bench> {
    const bench = new Bench();
    const hello = bench.signalling.hello('blue', null);
    bench.socket.open();
    bench.socket.say(welcome);
    await hello;
    return bench;
  }

  /** The socket drops, and the next one opens. */
  reconnect(): FakeSocket {
    const dialled = this.sockets.length;
    this.socket.drop();
    this.timers.pass(300);
    expect(this.sockets.length).toBe(dialled + 1);
    this.socket.open();
    return this.socket;
  }
}

const say = (bench: Bench, body: string) => bench.signalling.request({ type: 'send_data', body });

describe('a session', () => {
  test('begins with hello and gives the welcome', async () => {
    const bench = new Bench();
    const hello = bench.signalling.hello('blue', 'earlier-token');
    expect(bench.socket.sent).toEqual([]);
    bench.socket.open();
    expect(bench.socket.sent).toEqual([{ type: 'hello', id: 1, version: 1, room: 'blue', replaces: 'earlier-token' }]);
    bench.socket.say(welcome);
    expect((await hello).room).toBe('!blue:meet.example');
  });

  test('shows the token that lets in, where there is one, and says what a server thinks of it', async () => {
    const bench = new Bench();
    const hello = bench.signalling.hello('blue', null, 'a.b.c');
    bench.socket.open();
    expect(bench.socket.sent).toEqual([{ type: 'hello', id: 1, version: 1, room: 'blue', token: 'a.b.c' }]);
    bench.socket.say({ type: 'error', code: 'bad_token', message: 'this server has no join tokens' });
    await expect(hello).rejects.toMatchObject({ code: 'bad_token' });
    expect(bench.heard).toEqual(['ended bad_token for good']);
  });

  test('numbers its requests and matches the answers, whatever their order', async () => {
    const bench = await Bench.live();
    const [a, b] = [say(bench, 'AAAA'), say(bench, 'BBBB')];
    expect(bench.socket.sent.slice(1).map((m) => m.id)).toEqual([2, 3]);
    bench.socket.say({ type: 'ok', id: 3, seq: 2 });
    bench.socket.say({ type: 'error', id: 2, seq: 3, code: 'rate_limited', message: 'too fast', hint: 'wait' });
    await expect(b).resolves.toMatchObject({ id: 3 });
    await expect(a).rejects.toMatchObject({ code: 'rate_limited', hint: 'wait' });
  });

  test('pings, with the last seq it saw', async () => {
    const bench = await Bench.live();
    bench.socket.say(roster(2));
    bench.timers.pass(10_000);
    expect(bench.socket.sent.at(-1)).toEqual({ type: 'ping', id: 2, seq: 2 });
  });

  test('leaves at once', async () => {
    const bench = await Bench.live();
    const pending = say(bench, 'AAAA');
    bench.signalling.leave();
    expect(bench.socket.types()).toEqual(['hello', 'send_data', 'leave']);
    expect(bench.socket.closed).toBe(true);
    await expect(pending).rejects.toMatchObject({ code: 'session_ended' });
    await expect(say(bench, 'BBBB')).rejects.toBeInstanceOf(SignallingError);
    bench.timers.pass(60_000);
    expect(bench.sockets.length).toBe(1);
  });
});

describe('a dropped socket', () => {
  test('resumes, and sends again only what the server has not handled', async () => {
    const bench = await Bench.live();
    const requests = [say(bench, 'AAAA'), say(bench, 'BBBB'), say(bench, 'CCCC')];
    bench.socket.say({ type: 'ok', id: 2, seq: 2 });
    await requests[0];
    const socket = bench.reconnect();
    expect(socket.sent).toEqual([{ type: 'resume', id: 1, version: 1, token: 'the-token', seq: 2 }]);
    socket.say({ type: 'resumed', id: 1, last_id: 3 });
    expect(socket.sent.slice(1)).toEqual([{ type: 'send_data', id: 4, body: 'CCCC' }]);
    socket.say({ type: 'ok', id: 3, seq: 3 }); // out of the server's buffer
    socket.say({ type: 'ok', id: 4, seq: 4 });
    await Promise.all(requests);
    expect(bench.heard).toEqual(['lost 1', 'resumed']);
  });

  test('a request made meanwhile goes out after Resumed, not before', async () => {
    const bench = await Bench.live();
    bench.socket.drop();
    const request = say(bench, 'AAAA');
    bench.timers.pass(300);
    const { socket } = bench;
    socket.open();
    expect(socket.types()).toEqual(['resume']);
    socket.say({ type: 'resumed', id: 1, last_id: 1 });
    expect(socket.types()).toEqual(['resume', 'send_data']);
    socket.say({ type: 'ok', id: 2, seq: 2 });
    await request;
  });

  test('what the server sends twice is heard once', async () => {
    const bench = await Bench.live();
    bench.socket.say(roster(2));
    const socket = bench.reconnect();
    socket.say({ type: 'resumed', id: 1, last_id: 1 });
    socket.say(roster(2));
    socket.say(roster(3));
    expect(bench.heard).toEqual(['roster 2', 'lost 1', 'resumed', 'roster 3']);
  });

  test('a ping that got lost with the socket is not waited for, nor sent again', async () => {
    const bench = await Bench.live();
    bench.timers.pass(10_000);
    const socket = bench.reconnect();
    socket.say({ type: 'resumed', id: 1, last_id: 2 });
    const again = bench.reconnect();
    again.say({ type: 'resumed', id: 1, last_id: 2 });
    expect(again.types()).toEqual(['resume']);
  });

  test('is dialled again and again, ever more slowly', async () => {
    const bench = await Bench.live();
    const times: number[] = [];
    for (let i = 0; i < 6; i++) {
      const dialled = bench.sockets.length;
      const since = bench.timers.time;
      bench.socket.drop();
      while (bench.sockets.length === dialled) bench.timers.pass(100);
      times.push(bench.timers.time - since);
    }
    expect(times).toEqual([200, 500, 1000, 2000, 4000, 4000]);
    expect(bench.heard.at(-1)).toBe('lost 6');
  });

  test('is dialled at once when the network is back', async () => {
    const bench = await Bench.live();
    bench.socket.drop();
    bench.signalling.retryNow();
    expect(bench.sockets.length).toBe(2);
    bench.timers.pass(5000);
    expect(bench.sockets.length).toBe(2);
  });

  test('a socket that looks well on another network is asked for a sign of life, and has 4 s', async () => {
    const bench = await Bench.live();
    bench.signalling.retryNow();
    expect(bench.socket.sent.at(-1)).toMatchObject({ type: 'ping' });
    bench.timers.pass(3000);
    bench.socket.say(roster(2)); // any word is one
    bench.timers.pass(20_000);
    expect(bench.sockets.length).toBe(1);
    bench.signalling.probe();
    bench.timers.pass(4500);
    expect(bench.heard).toEqual(['roster 2', 'lost 1']);
    bench.signalling.probe(); // there is none to ask: it is being dialled
    expect(bench.sockets.length).toBe(2);
  });

  test('silence is a drop: the server answers pings, so 25 s without a word mean that nobody is there', async () => {
    const bench = await Bench.live();
    bench.timers.pass(24_000);
    expect(bench.heard).toEqual([]);
    bench.timers.pass(2000);
    expect(bench.heard).toEqual(['lost 1']);
    expect(bench.sockets[0]?.closed).toBe(true);
  });

  test('what an old socket still says is not heard', async () => {
    const bench = await Bench.live();
    const old = bench.socket;
    const { onmessage } = old;
    bench.reconnect().say({ type: 'resumed', id: 1, last_id: 1 });
    onmessage?.({ data: JSON.stringify(roster(2)) } as MessageEvent);
    expect(bench.heard).toEqual(['lost 1', 'resumed']);
  });
});

describe('the end', () => {
  test('a server that does not know the session: a new one may begin', async () => {
    const bench = await Bench.live();
    const pending = say(bench, 'AAAA');
    bench.reconnect().say({ type: 'error', id: 1, code: 'resume_unknown', message: 'too late' });
    await expect(pending).rejects.toMatchObject({ code: 'resume_unknown' });
    expect(bench.heard).toEqual(['lost 1', 'ended resume_unknown again 0']);
    bench.timers.pass(60_000);
    expect(bench.sockets.length).toBe(2);
  });

  test('a server that stops: a new session after a moment', async () => {
    const bench = await Bench.live();
    bench.socket.say({ type: 'bye', seq: 2, code: 'shutting_down', message: 'stopping' });
    expect(bench.heard).toEqual(['ended shutting_down again 1000']);
  });

  test('replaced by another tab: for good, or the two would replace each other for ever', async () => {
    const bench = await Bench.live();
    bench.socket.say({ type: 'bye', seq: 2, code: 'replaced', message: 'elsewhere' });
    expect(bench.heard).toEqual(['ended replaced for good']);
  });

  test('too slow: messages were given up, so a new session at once', async () => {
    const bench = await Bench.live();
    bench.socket.say({ type: 'bye', seq: 2, code: 'slow_consumer', message: 'too slow' });
    expect(bench.heard).toEqual(['ended slow_consumer again 0']);
  });

  test('a hello that is refused is not said again', async () => {
    const bench = new Bench();
    const hello = bench.signalling.hello('blue', null);
    bench.socket.open();
    bench.socket.say({ type: 'error', id: 1, code: 'room_full', message: 'full', hint: 'later' });
    await expect(hello).rejects.toMatchObject({ code: 'room_full', hint: 'later' });
    expect(bench.heard).toEqual(['ended room_full for good']);
  });

  test('a message that the server cannot read ends the session: a resume would send it again for ever', async () => {
    const bench = await Bench.live();
    say(bench, 'AAAA').catch(() => {});
    bench.socket.say({ type: 'error', code: 'too_large', message: 'too large' });
    expect(bench.heard).toEqual(['ended too_large again 0']);
  });

  test('a server that cannot be reached is tried again with hello', async () => {
    const bench = new Bench();
    const hello = bench.signalling.hello('blue', null);
    bench.socket.drop();
    bench.timers.pass(300);
    bench.socket.open();
    expect(bench.socket.types()).toEqual(['hello']);
    bench.socket.say(welcome);
    await hello;
  });
});
