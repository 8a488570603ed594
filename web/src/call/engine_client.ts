// The page's side of the worker: starts it, asks it, and notices when it is gone. A worker that stops answering is as
// bad as one that crashed: frames stop, and nobody is told. So it is asked for a sign of life all the time.
import type {
  Announcement,
  Failure,
  FromWorker,
  IdentityAction,
  IdentityState,
  KeySource,
  OpenOptions,
  PageEffect,
  PageEvent,
  Pin,
  ToWorker,
  TrackCounts,
  TransformOptions,
} from '../worker/messages.ts';
import { assertNever } from '../worker/messages.ts';
import type { TransformAPI } from './capabilities.ts';
import type { Problem } from './view.ts';

const PING_MS = 2000;
const MISSED_PINGS = 5; // counted in pings, not in time: a sleeping computer misses none

type Ask<T extends ToWorker> = T extends { id: number } ? Omit<T, 'id'> : never;

/** A request that the worker refused. */
export class EngineRefusal extends Error {
  override name = 'EngineRefusal';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

export interface EngineListeners {
  effects(effects: PageEffect[]): void;
  counts(counts: TrackCounts[]): void;
}

type AnswerMessage = Extract<FromWorker, { id: number }>;

interface Waiting {
  resolve(message: AnswerMessage): void;
  reject(error: EngineRefusal): void;
}

export class EngineClient {
  private readonly worker: Worker;
  private readonly failed: (problem: Problem) => void;
  private readonly waiting = new Map<number, Waiting>();
  private lastID = 0;
  private problem: Problem | null = null;
  private listeners: EngineListeners | null = null;
  private heartbeat: ReturnType<typeof setInterval> | undefined;
  private unanswered = 0;
  private keySource: KeySource | null = null;
  readonly ready: Promise<void>;
  private becomeReady: () => void = () => {};

  /** `failed` is called once, whenever the worker or the engine in it is lost. */
  constructor(worker: Worker, failed: (problem: Problem) => void) {
    this.worker = worker;
    this.failed = failed;
    this.ready = new Promise((resolve) => {
      this.becomeReady = resolve;
    });
    worker.onmessage = (event: MessageEvent<FromWorker>) => this.received(event.data);
    worker.onerror = (event) => this.lose('worker_failed', event.message || 'the worker could not be loaded');
    worker.onmessageerror = () => this.lose('worker_failed', 'a message of the worker could not be read');
  }

  /** What is wrong with the engine, or null. */
  get trouble(): Problem | null {
    return this.problem;
  }

  listen(listeners: EngineListeners | null): void {
    this.listeners = listeners;
  }

  async newSecret(): Promise<string> {
    return (await this.ask({ type: 'new_secret' }, 'secret')).secret;
  }

  /** Hands the link's secret over. The answer is its sealed form, for a reload; '' where the browser keeps nothing. */
  async setSecret(secret: string): Promise<string> {
    return (await this.ask({ type: 'set_secret', secret }, 'secret_kept')).sealed;
  }

  async restoreSecret(sealed: string): Promise<void> {
    await this.ask({ type: 'restore_secret', sealed }, 'secret_kept');
  }

  async keepSecret({ lasting = false } = {}): Promise<string> {
    return (await this.ask({ type: 'keep_secret', lasting }, 'secret_kept')).sealed;
  }

  async readSecret(): Promise<string> {
    return (await this.ask({ type: 'read_secret' }, 'secret')).secret;
  }

  /** Seals what is to outlive a reload, as the secret; rejects where the browser keeps nothing. `forget` ends it. */
  async keepNote(text: string): Promise<string> {
    return (await this.ask({ type: 'keep_note', text }, 'note')).text;
  }

  async openNote(sealed: string): Promise<string> {
    return (await this.ask({ type: 'open_note', sealed }, 'note')).text;
  }

  async open(place: { room: string; call: string; user: string; device: string }): Promise<Announcement> {
    const keys = this.keySource ? { keys: this.keySource } : {};
    return (await this.ask({ type: 'open', ...place, ...keys }, 'opened')).announcement;
  }

  /** The name of who asks to be let in, for those who have the link. Only in a session that is open. */
  async sealKnock(name: string): Promise<string> {
    return (await this.ask({ type: 'seal_knock', name }, 'knock')).text ?? '';
  }

  async openKnock(knock: { user: string; device: string; body: string }): Promise<string | null> {
    return (await this.ask({ type: 'open_knock', ...knock }, 'knock')).text;
  }

  /** Keys come from the page, for as long as this worker lives; there is no secret to hand over then. */
  takeKeysFromOutside(source: KeySource): void {
    this.keySource = source;
  }

  /** Rejects, with a hint, if the key cannot be used. Only one that was set with `takeKeysFromOutside`. */
  async setKey(generation: number, key: Uint8Array, user?: string): Promise<void> {
    await this.ask({ type: 'set_key', generation, key, ...(user === undefined ? {} : { user }) }, 'key_set');
  }

  async setPassphrase(generation: number, passphrase: string, salt: Uint8Array): Promise<void> {
    await this.ask({ type: 'set_passphrase', generation, passphrase, salt }, 'key_set');
  }

  async identity(action: IdentityAction): Promise<IdentityState> {
    return (await this.ask({ type: 'identity', action }, 'identity')).identity;
  }

  async known(): Promise<Pin[]> {
    return (await this.ask({ type: 'known' }, 'known')).people;
  }

  async forgetPerson(identity: string): Promise<void> {
    await this.ask({ type: 'forget_person', identity }, 'known');
  }

  /** Resolves when the engine has done what it was told, and what came of it has been heard here. */
  async settled(): Promise<void> {
    await this.ask({ type: 'ping' }, 'pong');
  }

  tell(event: PageEvent): void {
    this.post({ type: 'event', event });
  }

  close(): void {
    this.post({ type: 'close' });
  }

  forget(sealed: string): void {
    this.post({ type: 'forget', sealed });
  }

  /** Ends the worker for good, for a page that needs the engine for a moment only. */
  terminate(): void {
    clearInterval(this.heartbeat);
    this.worker.terminate();
  }

  /**
   * Attaches the transform to a sender or receiver, now: between this call and its return no frame can pass. Throws
   * where the browser refuses; the caller then sends or plays nothing of that track.
   */
  attach(api: TransformAPI, target: RTCRtpSender | RTCRtpReceiver, options: TransformOptions): void {
    if (api === 'script') {
      target.transform = new RTCRtpScriptTransform(this.worker, options);
      return;
    }
    const { readable, writable } = (target as unknown as EncodedStreams).createEncodedStreams();
    this.worker.postMessage({ type: 'streams', readable, writable, options } satisfies ToWorker, [readable, writable]);
  }

  /** A receiver of createEncodedStreams shows another track: its streams cannot be made twice. */
  rebind(options: OpenOptions): void {
    this.post({ type: 'rebind', options });
  }

  private async ask<T extends AnswerMessage['type']>(message: Ask<ToWorker>, type: T) {
    const answer = await new Promise<AnswerMessage>((resolve, reject) => {
      if (this.problem) return reject(new EngineRefusal({ code: 'engine_failed', message: this.problem.message }));
      const id = ++this.lastID;
      this.waiting.set(id, { resolve, reject });
      this.post({ ...message, id } as ToWorker);
    });
    if (answer.type !== type) throw new Error(`the worker answered ${answer.type} where ${type} was due`);
    return answer as Extract<AnswerMessage, { type: T }>;
  }

  private post(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  private received(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.becomeReady();
        this.heartbeat = setInterval(() => this.beat(), PING_MS);
        return;
      case 'failed':
        return this.lose('engine_failed', message.failure.message);
      case 'pong':
        this.unanswered = 0;
        return this.settle(message.id, (waiting) => waiting.resolve(message));
      case 'effects':
        return this.listeners?.effects(message.effects);
      case 'counts':
        return this.listeners?.counts(message.tracks);
      case 'event_refused':
        return console.warn(message.failure.message);
      case 'refused':
        return this.settle(message.id, (waiting) => waiting.reject(new EngineRefusal(message.failure)));
      case 'secret':
      case 'secret_kept':
      case 'note':
      case 'identity':
      case 'known':
      case 'opened':
      case 'knock':
      case 'key_set':
        return this.settle(message.id, (waiting) => waiting.resolve(message));
      default:
        return assertNever(message);
    }
  }

  private settle(id: number, how: (waiting: Waiting) => void): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (waiting) how(waiting);
  }

  private beat(): void {
    if (this.unanswered >= MISSED_PINGS) return this.lose('worker_failed', 'the encryption worker stopped answering');
    this.unanswered++;
    this.post({ type: 'ping', id: 0 });
  }

  private lose(code: 'engine_failed' | 'worker_failed', message: string): void {
    if (this.problem) return;
    this.problem = { code, message, hint: 'Reload the page to come back. Nothing more is sent.' };
    this.terminate();
    for (const waiting of this.waiting.values()) waiting.reject(new EngineRefusal({ code: 'engine_failed', message }));
    this.waiting.clear();
    this.becomeReady();
    this.failed(this.problem);
  }
}

/** The older interface, which TypeScript's library does not know. */
interface EncodedStreams {
  createEncodedStreams(): { readable: ReadableStream; writable: WritableStream };
}

export function startWorker(): Worker {
  return new Worker(new URL('../worker/main.ts', import.meta.url), { type: 'module', name: 'grotto' });
}
