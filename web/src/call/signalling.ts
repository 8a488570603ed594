// Signalling: one session over as many WebSockets as it takes. A client's message carries an id that grows by one, a
// server's a seq; when a socket drops, Resume names the last seq seen and Resumed the last id handled, and each side
// sends the rest again. When the server knows the session no more (it restarted, or the drop was too long), the session
// has ended and its owner begins a new one.
import type { Code, ServerMessage, Welcome, Error as WireError } from '../wire.ts';
import { PingEverySeconds, Version } from '../wire.ts';
import { Outbox } from './outbox.ts';
import { type AnswerTo, type Notice, type Request, SignallingError } from './requests.ts';
import type { Problem } from './view.ts';

/** What is used of a WebSocket. */
export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
}

export interface Timers {
  setTimeout(act: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  random(): number;
}

export interface SignallingEvents {
  notice(message: Notice): void;
  /** The socket dropped; it is being dialled again. `attempts` counts the failures since it was last there. */
  lost(attempts: number): void;
  resumed(): void;
  /** The session is over. Where `again`, a new one may begin, not before `afterMs`. */
  ended(problem: Problem, again: boolean, afterMs: number): void;
}

const PING_MS = PingEverySeconds * 1000;
const SILENCE_MS = 2.5 * PING_MS; // no word of the server for so long: the socket is dead, whatever TCP believes
const PROBE_MS = 4000; // the same, where there is a reason to doubt
const DIAL_MS = 10_000; // a socket that does not open within this is given up
const BACKOFF_MS = [200, 500, 1000, 2000, 4000];
const RESTART_MS = 1000; // a server that said it stops needs a moment

/** Codes after which a new session would end in the same way: trying again is for a person to decide. */
const FINAL: ReadonlySet<string> = new Set([
  'bad_version',
  'bad_room',
  'unknown_room',
  'bad_token',
  'token_needed',
  'token_expired',
  'room_full',
  'replaced',
  'unsupported',
  'locked',
  'not_admitted',
  'removed',
  'call_ended',
  'time_over',
  'called_back',
]);

export class Signalling {
  private readonly url: string;
  private readonly connect: (url: string) => Socket;
  private readonly events: SignallingEvents;
  private readonly timers: Timers;

  private socket: Socket | null = null;
  private live = false; // the socket is past Hello or Resume: requests go out at once
  private over = false;
  private lastSeq = 0;
  private resumeToken: string | null = null;
  private attempts = 0;
  private readonly outbox = new Outbox();
  private greeting: {
    room: string;
    replaces: string | null;
    token: string;
    answered(w: Welcome): void;
    refused(e: SignallingError): void;
  } | null = null;
  private pingTimer: unknown = null;
  private silenceTimer: unknown = null;
  private dialTimer: unknown = null;

  constructor(url: string, events: SignallingEvents, connect: (url: string) => Socket, timers: Timers) {
    this.url = url;
    this.events = events;
    this.connect = connect;
    this.timers = timers;
  }

  /**
   * Begins the session. Tries until the server answers; `lost` says how often that failed. `replaces` is the resume
   * token of an earlier session of this tab, which then leaves at once; `token` lets in where the server asks for one.
   */
  hello(room: string, replaces: string | null, token = ''): Promise<Welcome> {
    return new Promise((answered, refused) => {
      this.greeting = { room, replaces, token, answered, refused };
      this.dial();
    });
  }

  /** Sends a request, now or when the socket is back, and waits for its answer. */
  request<R extends Request>(request: R): Promise<AnswerTo<R>> {
    return new Promise((resolve, reject) => {
      if (this.over) return reject(new SignallingError('session_ended', 'the session has ended'));
      const answered = (message: ServerMessage) => resolve(message as AnswerTo<R>);
      this.send(this.outbox.add(request, { answered, refused: reject }));
    });
  }

  /** Ends the session at once, without waiting for the server's answer. */
  leave(): void {
    if (this.live && !this.over) this.send(this.outbox.add({ type: 'leave' }));
    this.end();
  }

  /** The network is back, or another one: no need to wait for the next attempt, nor for silence. */
  retryNow(): void {
    if (!this.over && this.socket === null) this.dial();
    else this.probe();
  }

  /** Something else does not get through: asks for a sign of life, since a socket of a lost network looks well for long. */
  probe(): void {
    if (this.over || !this.live) return;
    this.ping();
    this.silentFor(PROBE_MS);
  }

  /** What cannot go out now does when the socket is back. */
  private send(text: string): void {
    if (this.live) this.socket?.send(text);
  }

  private dial(): void {
    this.timers.clearTimeout(this.dialTimer);
    const socket = this.connect(this.url);
    this.socket = socket;
    this.dialTimer = this.timers.setTimeout(() => this.dropped(socket), DIAL_MS);
    socket.onopen = () => this.opened(socket);
    socket.onmessage = (event) => {
      if (socket === this.socket) this.received(event.data);
    };
    socket.onclose = () => this.dropped(socket);
  }

  private opened(socket: Socket): void {
    if (socket !== this.socket) return;
    if (this.resumeToken !== null) {
      // Resume stands before the sequence of ids: it takes the place of Hello, and its number.
      socket.send(
        JSON.stringify({ type: 'resume', id: 1, version: Version, token: this.resumeToken, seq: this.lastSeq }),
      );
    } else if (this.greeting) {
      const id = this.outbox.begin();
      const { room, replaces, token } = this.greeting;
      const known = { ...(token ? { token } : {}), ...(replaces ? { replaces } : {}) };
      socket.send(JSON.stringify({ type: 'hello', id, version: Version, room, ...known }));
    }
  }

  private received(data: unknown): void {
    if (typeof data !== 'string') return;
    const message = JSON.parse(data) as ServerMessage;
    this.silentFor(SILENCE_MS);
    const seq = 'seq' in message ? (message.seq ?? 0) : 0;
    if (seq > 0) {
      if (seq <= this.lastSeq) return; // sent again, and seen before
      this.lastSeq = seq;
    }
    this.dispatch(message);
  }

  private dispatch(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        this.resumeToken = message.resume;
        this.greeting?.answered(message);
        this.greeting = null;
        return this.goLive(this.outbox.texts());
      case 'resumed':
        this.goLive(this.outbox.after(message.last_id));
        return this.events.resumed();
      case 'roster':
      case 'key_count':
      case 'device_message':
      case 'data':
      case 'proof':
      case 'subscribe_offer':
      case 'wanted':
      case 'streams':
      case 'speakers':
      case 'room_state':
      case 'knocks':
      case 'role':
      case 'from_main':
      case 'switch_off':
      case 'stopping':
        return this.events.notice(message);
      case 'error':
        return this.failed(message);
      case 'bye':
        return this.finish(message, message.code === 'shutting_down' ? RESTART_MS : 0);
      default:
        return this.outbox.answered(message);
    }
  }

  private failed(error: WireError): void {
    const problem = new SignallingError(error.code, error.message, error.hint);
    if (this.live && error.id !== undefined && this.outbox.has(error.id)) return this.outbox.refused(error.id, problem);
    // Before the session is live an error answers Hello or Resume; without an id it is about the socket.
    if (error.code === 'resume_unknown') return this.finish(error, 0);
    if (this.greeting && (FINAL.has(error.code) || error.code === 'bad_message')) return this.finish(error, 0);
    // A message of ours that cannot be read would be sent again by every resume, and close every socket.
    if (this.live && (error.code === 'bad_message' || error.code === 'too_large')) return this.finish(error, 0);
  }

  /** Past Hello or Resume: sends what waits. */
  private goLive(rest: string[]): void {
    this.live = true;
    this.attempts = 0;
    this.timers.clearTimeout(this.dialTimer);
    for (const text of rest) this.send(text);
    this.schedulePing();
  }

  private schedulePing(): void {
    this.timers.clearTimeout(this.pingTimer);
    this.pingTimer = this.timers.setTimeout(() => {
      this.ping();
      this.schedulePing();
    }, PING_MS);
  }

  private ping(): void {
    this.send(this.outbox.add({ type: 'ping', seq: this.lastSeq }));
  }

  /** After so long without another word the socket is dead. */
  private silentFor(ms: number): void {
    const socket = this.socket;
    this.timers.clearTimeout(this.silenceTimer);
    this.silenceTimer = this.timers.setTimeout(() => socket && this.dropped(socket), ms);
  }

  private dropped(socket: Socket): void {
    if (socket !== this.socket || this.over) return;
    this.quiet();
    const wait = BACKOFF_MS[Math.min(this.attempts, BACKOFF_MS.length - 1)] ?? 0;
    this.attempts++;
    this.events.lost(this.attempts);
    if (this.over) return;
    this.dialTimer = this.timers.setTimeout(() => this.dial(), wait * (0.75 + this.timers.random() / 2));
  }

  /** Lets go of the socket: nothing that it still says is heard. */
  private quiet(): void {
    const socket = this.socket;
    this.socket = null;
    this.live = false;
    for (const timer of [this.pingTimer, this.silenceTimer, this.dialTimer]) this.timers.clearTimeout(timer);
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private finish(cause: { code: Code; message: string; hint?: string }, afterMs: number): void {
    const problem: Problem = { code: cause.code, message: cause.message, ...(cause.hint ? { hint: cause.hint } : {}) };
    this.end(new SignallingError(cause.code, cause.message, cause.hint));
    this.events.ended(problem, !FINAL.has(cause.code), afterMs);
  }

  private end(error = new SignallingError('session_ended', 'the session has ended')): void {
    if (this.over) return;
    this.over = true;
    this.quiet();
    this.greeting?.refused(error);
    this.outbox.end(error);
  }
}
