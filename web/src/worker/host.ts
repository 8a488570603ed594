// The worker's one object: joins the engine, the key ring and the frame transforms, and answers the page. It knows no
// global of the worker, so tests run it with an engine and frames of their own.
import { Counts } from './counts.ts';
import { type Engine, type EngineEffect, EngineError, type EngineEvent } from './engine.ts';
import {
  assertNever,
  type Device,
  type Failure,
  type FromWorker,
  type OpenOptions,
  type PageEffect,
  type PageEvent,
  type ToWorker,
  type TransformOptions,
} from './messages.ts';
import { OutsideKeys } from './outside.ts';
import { opening, sealing, type Transform } from './pipeline.ts';
import { type FrameCrypto, KeyRing } from './ring.ts';
import { type IdentityKeeper, TakenIdentity } from './taken_identity.ts';

export interface Clock {
  now(): number; // ms, of any beginning
  date(): number; // ms since 1970
  setTimeout(act: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export interface SecretKeeper {
  /** For a day, or, where it is to last, until it is forgotten. */
  seal(secret: string, lasting?: boolean): Promise<string>;
  unseal(sealed: string): Promise<string>;
  forget(sealed: string): Promise<void>;
}

export interface HostParts {
  engine: Engine;
  crypto: FrameCrypto;
  clock: Clock;
  secrets: SecretKeeper;
  identities: IdentityKeeper;
  /** A secret of eight words, for a meeting whose link has one. */
  newWords(): Promise<string>;
  post(message: FromWorker): void;
  /** Starts a transform over a posted pair of streams. */
  pipe(streams: { readable: ReadableStream; writable: WritableStream }, transform: Transform): void;
}

const KEY_FRAME_EVERY_MS = 1000;
const DRAWN_SECRET = 22; // characters of 16 bytes in base64url; eight words are longer

export class Host {
  private readonly parts: HostParts;
  private readonly ring: KeyRing;
  private readonly counts = new Map<string, Counts>();
  private readonly bindings = new Map<string, OpenOptions>(); // of createEncodedStreams, which cannot be made twice
  private secret: string | null = null;
  private readonly identity: TakenIdentity;
  private readonly outside = new OutsideKeys();
  private isOpen = false;
  private room = '';
  private joins = 0; // so that what took a while is not told to a later join
  private timer: unknown = null;

  constructor(parts: HostParts) {
    this.parts = parts;
    this.identity = new TakenIdentity(parts.identities);
    this.ring = new KeyRing(
      parts.crypto,
      (event) => this.tell(event),
      () => parts.clock.now(),
    );
  }

  async handle(message: ToWorker): Promise<void> {
    try {
      await this.dispatch(message);
    } catch (error) {
      const failure = failureOf(message, error);
      if ('id' in message) this.parts.post({ type: 'refused', id: message.id, failure });
      else if (error instanceof EngineError) this.parts.post({ type: 'event_refused', failure });
      else this.parts.post({ type: 'failed', failure });
    }
  }

  private async dispatch(message: ToWorker): Promise<void> {
    const { engine, post, secrets } = this.parts;
    switch (message.type) {
      case 'ping':
        return post({ type: 'pong', id: message.id });
      case 'new_secret':
        return post({ type: 'secret', id: message.id, secret: engine.newSecret() });
      case 'set_secret':
        return this.hold(message.id, message.secret, () => secrets.seal(message.secret));
      case 'restore_secret':
        return this.hold(message.id, await secrets.unseal(message.sealed), async () => message.sealed);
      case 'keep_secret':
        return post({ type: 'secret_kept', id: message.id, sealed: await secrets.seal(this.need(), message.lasting) });
      case 'read_secret':
        return post({ type: 'secret', id: message.id, secret: this.need() });
      case 'keep_note':
        return post({ type: 'note', id: message.id, text: await secrets.seal(message.text) });
      case 'open_note':
        return post({ type: 'note', id: message.id, text: await secrets.unseal(message.sealed) });
      case 'identity':
        return post({ type: 'identity', id: message.id, identity: await this.identity.take(message.action) });
      case 'known':
        return post({ type: 'known', id: message.id, people: await this.parts.identities.pins() });
      case 'forget_person':
        await this.identity.forgetPerson(message.identity);
        return post({ type: 'known', id: message.id, people: await this.parts.identities.pins() });
      case 'open':
        return this.open(message);
      case 'seal_knock':
        return post({ type: 'knock', id: message.id, text: engine.sealKnock(message.name) });
      case 'open_knock': {
        const { id, user, device, body } = message;
        return post({ type: 'knock', id, text: engine.openKnock({ user, device, body }) });
      }
      case 'set_key':
        this.outside.set(message.user ?? '', message.generation, message.key);
        return this.giveKey(message.id, message.user ?? '');
      case 'set_passphrase':
        this.outside.setPassphrase(message.generation, message.passphrase, message.salt);
        return this.giveKey(message.id, '');
      case 'event':
        return this.tell(message.event.type === 'remove' ? await this.removal(message.event) : message.event);
      case 'close':
        return this.close();
      case 'forget':
        return secrets.forget(message.sealed);
      case 'streams':
        return this.parts.pipe(
          message,
          this.transform(message.options, () => {}),
        );
      case 'rebind':
        this.bindings.set(message.options.track, message.options);
        return;
      default:
        return assertNever(message);
    }
  }

  /** The transform of a track. The browser's own request for a key frame is the last argument. */
  transform(options: TransformOptions, sendKeyFrameRequest: () => void): Transform {
    const counts = new Counts(options.track, options.direction);
    this.counts.set(options.track, counts);
    if (options.direction === 'seal') return sealing(() => this.ring.sealer(), options, counts);
    let asked = Number.NEGATIVE_INFINITY;
    const ask = () => {
      const now = this.parts.clock.now();
      if (now - asked < KEY_FRAME_EVERY_MS) return;
      asked = now;
      sendKeyFrameRequest();
    };
    return this.boundTo(options, counts, ask);
  }

  /** What happened to frames since the last call, for the page. */
  reportCounts(): void {
    const tracks = [...this.counts.values()].map((c) => c.take()).filter((c) => c !== null);
    if (tracks.length > 0) this.parts.post({ type: 'counts', tracks });
  }

  /** The engine is gone: nothing is sealed or opened from here on. */
  fail(message: string): void {
    this.isOpen = false;
    this.ring.clear();
    this.parts.post({ type: 'failed', failure: { code: 'engine_failed', message } });
  }

  /** An opening transform that follows its track's binding: a rebound track starts anew, with nothing of the old one. */
  private boundTo(options: OpenOptions, counts: Counts, ask: () => void): Transform {
    const opener = ({ from }: OpenOptions) => (this.isOpen && from ? this.ring.opener(from) : null);
    const make = (o: OpenOptions) => opening(() => opener(o), o, counts, ask);
    this.bindings.set(options.track, options);
    let bound = options;
    let transform = make(bound);
    return (frame, controller) => {
      const now = this.bindings.get(options.track) ?? bound;
      if (now !== bound) {
        bound = now;
        transform = make(bound);
      }
      return transform(frame, controller);
    };
  }

  private async hold(id: number, secret: string, keep: () => Promise<string>): Promise<void> {
    this.parts.engine.checkSecret(secret);
    this.secret = secret;
    // Without IndexedDB (private windows of some browsers) the call works; only a reload will ask for the link again.
    const sealed = await keep().catch(() => '');
    this.parts.post({ type: 'secret_kept', id, sealed });
  }

  private need(): string {
    if (this.secret === null) throw new EngineError('no secret was given');
    return this.secret;
  }

  /** The page asks for another link; its secret is drawn here, as words where people tell each other words. */
  private async removal({ devices, change_link }: Extract<PageEvent, { type: 'remove' }>): Promise<EngineEvent> {
    if (!change_link) return { type: 'remove', devices };
    const drawn = () => this.parts.engine.newSecret();
    const words = this.secret !== null && this.secret.length > DRAWN_SECRET;
    const secret = words ? await this.parts.newWords().catch(drawn) : drawn();
    return { type: 'remove', devices, secret };
  }

  private async open(message: Extract<ToWorker, { type: 'open' }>): Promise<void> {
    this.close();
    const { id, room, call, user, device, keys } = message;
    const source = keys ? { keys } : { secret: this.need() };
    const { announcement, effects } = this.parts.engine.open({
      room,
      call,
      user,
      device,
      ...source,
      ...this.identity.forEngine,
    });
    this.isOpen = true;
    this.room = room;
    const join = ++this.joins;
    this.parts.post({ type: 'opened', id, announcement });
    this.apply(effects);
    if (!keys) return;
    const set = await this.outside.all(room);
    if (join !== this.joins) return;
    for (const key of set) {
      try {
        this.tell(key);
      } catch (error) {
        this.parts.post({ type: 'event_refused', failure: { code: 'bad_key', message: String(error) } });
      }
    }
  }

  /** Gives the engine the key that was just set, if a call is open; else it gets it with the next. */
  private async giveKey(id: number, user: string): Promise<void> {
    if (this.isOpen) {
      const join = this.joins;
      const key = await this.outside.of(user, this.room);
      if (join === this.joins) this.tell(key);
    }
    this.parts.post({ type: 'key_set', id });
  }

  private close(): void {
    this.parts.clock.clearTimeout(this.timer);
    this.ring.clear();
    this.counts.clear();
    this.bindings.clear();
    if (this.isOpen) this.parts.engine.close();
    this.isOpen = false;
  }

  private tell(event: EngineEvent): void {
    if (this.isOpen) this.apply(this.parts.engine.handle(event));
  }

  private apply(effects: EngineEffect[]): void {
    const page: PageEffect[] = [];
    for (const effect of effects) {
      switch (effect.type) {
        case 'seal_with':
        case 'open_with':
        case 'drop_key':
        case 'drop_device':
          this.ring.apply(effect);
          break;
        case 'wake_at':
          this.wakeAt(effect.time);
          break;
        case 'pinned':
          this.identity.remember(effect.pin);
          break;
        case 'secret_changed':
          this.changeSecret(effect.secret, effect.by);
          break;
        default:
          page.push(effect);
      }
    }
    if (page.length > 0) this.parts.post({ type: 'effects', effects: page });
  }

  /** From now on the meeting has this secret; sealed, the page keeps it for a reload. */
  private changeSecret(secret: string, by: Device): void {
    this.secret = secret;
    const { post, secrets } = this.parts;
    const tell = (sealed: string) => {
      // Changed again meanwhile: only the last one is worth keeping.
      if (this.secret !== secret) return void secrets.forget(sealed).catch(() => {});
      post({ type: 'effects', effects: [{ type: 'secret_changed', sealed, by: by.user === '' ? null : by }] });
    };
    secrets.seal(secret).then(tell, () => tell(''));
  }

  private wakeAt(time: number): void {
    const { clock } = this.parts;
    clock.clearTimeout(this.timer);
    this.timer = clock.setTimeout(() => this.tell({ type: 'tick' }), Math.max(0, time - clock.date()));
  }
}

function failureOf(cause: ToWorker, error: unknown): Failure {
  const aboutSecret = cause.type === 'set_secret' || cause.type === 'restore_secret';
  const aboutKey = cause.type === 'set_key' || cause.type === 'set_passphrase';
  const message = error instanceof Error ? error.message : String(error);
  return { code: aboutSecret ? 'bad_secret' : aboutKey ? 'bad_key' : 'engine_failed', message };
}
