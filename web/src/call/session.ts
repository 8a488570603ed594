// One stay in a room: hello, the engine's announcement, join; then it carries messages between server and engine until
// it ends. A session outlives its sockets, not its end: whoever comes back later does so in a new one, with new keys.

import { type Device, type Joined, MaxClaims, MaxRecipients, type Member } from '../wire.ts';
import type { Announcement, PageEffect, PageEvent, TrackCounts, VerifyStep } from '../worker/messages.ts';
import { assertNever } from '../worker/messages.ts';
import { Asked } from './asked.ts';
import type { TransformAPI } from './capabilities.ts';
import type { EngineClient } from './engine_client.ts';
import { Mender } from './mend.ts';
import type { Floor, OrderNotice, OrderRequest } from './moderation.ts';
import type { Stat } from './numbers.ts';
import { deviceKey, People, sameDevice } from './people.ts';
import { cleanName, decodeProfile, encodeProfile, PROFILE_KIND, type Profile } from './profile.ts';
import { NoTransformError, Publisher } from './publish.ts';
import { Showing, type Viewport } from './showing.ts';
import { type Notice, type Signalling, SignallingError, type SignallingEvents } from './signalling.ts';
import { Speaking } from './speaking.ts';
import { soundKey } from './stage.ts';
import { Subscriber } from './subscribe.ts';
import type { Problem, TileView, VideoCodec } from './view.ts';

const PROFILE_DELAY_MS = 100; // several reasons to say it again are one
const AGAIN_MS = 15_000; // it is said once more to somebody new, whose keys may have come later than what they were for
const OWN_CAMERA = ['camera', 'mic'] as const;
const OWN_SCREEN = ['screen', 'screen_audio'] as const;
const GOODBYE_MS = 300; // leaving does not wait longer for the engine's last words

type Heard = Extract<PageEffect, { type: 'heard' }>;

export interface SessionEvents {
  /** Somebody or something changed: look at people and self again. */
  changed(): void;
  lost(attempts: number): void;
  resumed(): void;
  ended(problem: Problem, again: boolean, afterMs: number): void;
  /** What somebody said, but for their profile. */
  heard(heard: Heard): void;
  /** Somebody has become able to hear us. */
  reached(device: Device): void;
  verification(told: Extract<PageEffect, { type: 'verification' }>): void;
  /** Somebody's device is gone. */
  left(device: Device): void;
  /** A member took us out of everybody's keys. */
  removed(by: Device): void;
  /** The meeting has another secret; by null if we changed it. */
  secretChanged(sealed: string, by: Device | null): void;
  /** A transform could not be attached. */
  noTransform(): void;
}

/** Who may do what here, as the server says. */
export interface Order {
  /** Somebody has to let us in first. */
  waits(): void;
  entered(joined: Joined): void;
  roster(left: Device[], joined: Member[]): void;
  ordered(notice: OrderNotice): void;
}

export interface SessionParts {
  engine: EngineClient;
  api: TransformAPI;
  codec: VideoCodec;
  /** Codecs that this browser does not play. */
  unplayable: VideoCodec[];
  events: SessionEvents;
  signalling(events: SignallingEvents): Signalling;
  connection(relays: RTCIceServer[]): RTCPeerConnection;
  profile(): Profile;
  order: Order;
  viewport: Viewport;
}

export class Session implements Floor {
  private readonly parts: SessionParts;
  private readonly signalling: Signalling;
  private readonly subscriber: Subscriber;
  private readonly showing: Showing;
  private readonly speaking: Speaking;
  private readonly sealed = new Map<string, TrackCounts>();
  private readonly menders: Mender[] = [];
  private readonly codes = new Asked<string>();
  private readonly qrTexts = new Asked<string>();
  private profileTimer: ReturnType<typeof setTimeout> | undefined;
  private relays: RTCIceServer[] = [];
  private againTimer: ReturnType<typeof setTimeout> | undefined;
  private over = false;
  private goodbye: Promise<void> = Promise.resolve();
  readonly people: People;
  readonly publisher: Publisher;
  /** Who one is here, once the server has said so. */
  self: Device | null = null;
  /** Names this session to a later one that takes its place. */
  resumeToken: string | null = null;
  /** Frames come from the encoder, and the worker has no key to seal them with. */
  keyless = false;

  constructor(parts: SessionParts) {
    this.parts = parts;
    this.people = new People(parts.unplayable);
    const { engine, api, codec, events } = parts;
    this.signalling = parts.signalling({
      notice: (message) => this.notice(message),
      lost: (attempts) => events.lost(attempts),
      resumed: () => {
        engine.tell({ type: 'resumed' });
        events.resumed();
      },
      ended: (problem, again, afterMs) => this.end(problem, again, afterMs),
    });
    this.publisher = new Publisher({
      engine,
      api,
      codec,
      connect: () => this.mended(() => this.publisher.restart()),
      exchange: async (sdp, tracks) => (await this.signalling.request({ type: 'publish', sdp, tracks })).sdp,
    });
    this.subscriber = new Subscriber({
      engine,
      api,
      connect: () => this.mended(async () => void (await this.signalling.request({ type: 'restart' }))),
      answer: async (offer, sdp) => void (await this.signalling.request({ type: 'subscribe_answer', offer, sdp })),
      changed: (received) => {
        this.people.receive(received);
        this.showing.renew();
        this.look();
        events.changed();
      },
      refused: () => events.noTransform(),
    });
    this.speaking = new Speaking((devices) => {
      this.people.speak(devices);
      this.look();
      events.changed();
    });
    this.showing = new Showing((videos, silent) => {
      this.signalling.request({ type: 'show', videos, silent }).catch(refusal);
    });
  }

  /** Enters the room. Rejects if the session ended before that. */
  async enter(slug: string, replaces: string | null, token = ''): Promise<void> {
    const { engine } = this.parts;
    const welcome = await this.signalling.hello(slug, replaces, token);
    this.resumeToken = welcome.resume;
    this.relays = welcome.ice_servers.map(({ url, ...login }) => ({ urls: url, ...login }));
    const { room, call, user, device } = welcome;
    const announcement = await engine.open({ room, call, user, device });
    // Not before: until the engine has answered, effects may still be those of an earlier session.
    engine.listen({ effects: (effects) => this.perform(effects), counts: (counts) => this.count(counts) });
    this.self = { user, device, join_id: announcement.join_id };
    const joined = await this.letIn(announcement);
    this.parts.order.entered(joined);
    const others = joined.members.filter((member) => !this.isSelf(member));
    for (const member of others) this.people.join(member);
    engine.tell({ type: 'roster_changed', left: [], joined: others });
    this.introduce();
  }

  /** Joins; where the room has a waiting room, once somebody has opened. */
  private async letIn(announcement: Announcement): Promise<Joined> {
    const join = { type: 'join' as const, ...announced(announcement) };
    try {
      return await this.signalling.request(join);
    } catch (error) {
      if (!(error instanceof SignallingError && error.code === 'knock_first')) throw error;
    }
    const { engine, order, profile } = this.parts;
    order.waits();
    const body = await engine.sealKnock(cleanName(profile().name));
    await this.signalling.request({ type: 'knock', ...(body ? { body } : {}) });
    return this.signalling.request(join);
  }

  /** What a moderator wants of the server. */
  async order(request: OrderRequest): Promise<void> {
    if (request.type === 'expel') await this.parts.engine.settled(); // not before the others were told, sealed
    await this.signalling.request(request);
  }

  openKnock(knock: { user: string; device: string; body: string }): Promise<string | null> {
    return this.parts.engine.openKnock(knock);
  }

  /** Tells the server what is seen, should that have changed. Nothing is said before there is something to see. */
  look(): void {
    const watchable = this.people.watchable();
    const { viewport } = this.parts;
    const silent = this.people.silent((sound) => viewport.isHushed(soundKey(sound)));
    const idle = watchable.length === 0 && silent.length === 0;
    if (!this.over && !(idle && this.showing.unused)) this.showing.want(viewport.shown(watchable), silent);
  }

  /** Says who one is and what is on, to everybody, soon. */
  introduce(): void {
    if (this.profileTimer !== undefined || this.over) return;
    this.profileTimer = setTimeout(() => {
      this.profileTimer = undefined;
      this.parts.engine.tell({ type: 'say_to_all', kind: PROFILE_KIND, body: encodeProfile(this.parts.profile()) });
    }, PROFILE_DELAY_MS);
  }

  /** Introduces us to somebody who can hear us now. */
  private greet(): void {
    this.introduce();
    this.againTimer ??= setTimeout(() => {
      this.againTimer = undefined;
      this.introduce();
    }, AGAIN_MS);
  }

  /** The meeting code of the people who are here now. */
  code(): Promise<string> {
    return this.codes.ask('', () => this.tell({ type: 'code_wanted' }));
  }

  /** Says something to everybody, sealed: a body of said.ts. For features, by sealed.ts. */
  sayToAll(kind: string, body: string, relay: Device[] = []): void {
    this.tell({ type: 'say_to_all', kind, body, ...(relay.length > 0 ? { relay } : {}) });
  }

  sayTo(kind: string, body: string, to: Device): void {
    this.tell({ type: 'say_to', to: [to], kind, body });
  }

  verify(device: Device, step: VerifyStep): void {
    this.tell({ type: 'verify', with: device, step });
  }

  /** The text of a QR code for this person's camera. */
  qr(device: Device): Promise<string> {
    return this.qrTexts.ask(deviceKey(device), () => this.tell({ type: 'qr_wanted', with: device }));
  }

  scanned(device: Device, text: string): void {
    this.tell({ type: 'qr_scanned', with: device, text });
  }

  block(device: Device): void {
    this.tell({ type: 'block', device });
  }

  remove(device: Device, changeLink: boolean): void {
    this.tell({ type: 'remove', devices: [device], change_link: changeLink });
  }

  /** What the browser counts of a tile's sound and picture. */
  stats({ self, kind, video, audio }: TileView): Promise<Stat[]> {
    if (self) return this.publisher.stats(...(kind === 'camera' ? OWN_CAMERA : OWN_SCREEN));
    return this.subscriber.stats(...[video, audio].filter((stream) => stream !== null));
  }

  /** The network is back, or another one: no need to wait until that is noticed. */
  retryNow(): void {
    this.signalling.retryNow();
    for (const mender of this.menders) mender.networkChanged();
  }

  /**
   * Hears nothing more, tells the others, sealed, that one leaves, and then the server. Resolves when the engine is free
   * for another session. Until then tracks are to be stopped by their owner.
   */
  leave(): Promise<void> {
    if (!this.over) this.goodbye = this.sayGoodbye();
    return this.goodbye;
  }

  /** For a page that goes now: nobody waits for the engine's sealed word, so most often only the server's is heard. */
  leaveNow(): void {
    if (this.over) return;
    this.stop();
    this.parts.engine.tell({ type: 'leaving' });
    this.signalling.leave();
    this.release();
  }

  private async sayGoodbye(): Promise<void> {
    this.stop();
    const { engine } = this.parts;
    engine.listen({ effects: (effects) => this.lastWords(effects), counts: () => {} });
    engine.tell({ type: 'leaving' });
    const settled = engine.settled().catch(() => {}); // an engine that is lost says nothing more
    await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, GOODBYE_MS))]);
    this.signalling.leave();
    this.release();
  }

  private lastWords(effects: PageEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'send_data')
        this.signalling.request({ type: 'send_data', body: effect.body }).catch(() => {});
    }
  }

  /** Ends everything but the words to the others and to the server. */
  private stop(): void {
    this.over = true;
    for (const mender of this.menders) mender.close();
    clearTimeout(this.profileTimer);
    this.showing.stop();
    this.speaking.stop();
    clearTimeout(this.againTimer);
    const error = new Error('the session is over');
    this.codes.end(error);
    this.qrTexts.end(error);
  }

  /** After the last word: a server whose media connections close ends the session, and hears no more. */
  private release(): void {
    this.publisher.close();
    this.subscriber.close();
    this.parts.engine.listen(null);
    this.parts.engine.close();
  }

  private end(problem: Problem, again: boolean, afterMs: number): void {
    if (this.over) return;
    this.stop();
    this.release();
    this.parts.events.ended(problem, again, afterMs);
  }

  private tell(event: PageEvent): void {
    if (!this.over) this.parts.engine.tell(event);
  }

  private notice(message: Notice): void {
    const { engine, events } = this.parts;
    if (this.over) return;
    switch (message.type) {
      case 'roster': {
        const joined = message.joined.filter((member) => !this.isSelf(member));
        for (const device of message.left) {
          this.people.leave(device);
          events.left(device);
        }
        for (const member of joined) this.people.join(member);
        this.parts.order.roster(message.left, joined);
        engine.tell({ type: 'roster_changed', left: message.left, joined });
        return events.changed();
      }
      case 'key_count':
        return engine.tell({ type: 'key_count', one_time_keys: message.one_time_keys });
      case 'device_message': {
        const { olm, body, sender_key } = message.envelope;
        return engine.tell({ type: 'message_received', from: message.from, envelope: { olm, body, sender_key } });
      }
      case 'data':
        return engine.tell({ type: 'data_received', from: message.from, body: message.body });
      case 'proof':
        return engine.tell({ type: 'proof_received', from: message.device, proof: message.proof });
      case 'subscribe_offer':
        this.subscriber.offer(message).catch((error) => this.mediaFailed(error));
        return;
      case 'wanted':
        return this.publisher.wanted(message.tracks);
      case 'streams':
        this.people.streams(message.tracks);
        return events.changed();
      case 'speakers':
        return this.speaking.hear(message.devices);
      case 'room_state':
      case 'knocks':
      case 'role':
        return this.parts.order.ordered(message);
      default:
        return assertNever(message);
    }
  }

  private perform(effects: PageEffect[]): void {
    for (const effect of effects) this.performOne(effect);
    this.parts.events.changed();
  }

  private performOne(effect: PageEffect): void {
    const { signalling, people } = this;
    const { events } = this.parts;
    switch (effect.type) {
      case 'send_messages':
        for (const some of chunks(effect.messages, MaxRecipients)) {
          const messages = some.map(({ to, envelope }) => ({ to, ...envelope }));
          signalling.request({ type: 'to_device', messages }).catch(refusal);
        }
        return;
      case 'claim_keys':
        for (const devices of chunks(effect.devices, MaxClaims)) {
          signalling
            .request({ type: 'claim_keys', devices })
            .then(({ keys }) => this.parts.engine.tell({ type: 'keys_claimed', keys }), refusal);
        }
        return;
      case 'upload_keys': {
        const { one_time_keys, fallback_key } = effect;
        const fallback = fallback_key ? { fallback_key } : {};
        signalling.request({ type: 'upload_keys', one_time_keys, ...fallback }).catch(refusal);
        return;
      }
      case 'send_data':
        signalling
          .request({ type: 'send_data', body: effect.body, ...(effect.to ? { to: effect.to } : {}) })
          .catch(refusal);
        return;
      case 'prove':
        signalling.request({ type: 'prove', proof: effect.proof }).catch(refusal);
        return;
      case 'show':
        if (people.show(effect.from, effect.state)) {
          this.greet();
          events.reached(effect.from);
        }
        return this.look(); // somebody may be blocked now
      case 'warn':
        return people.warn(effect.from, effect.warning);
      case 'code':
        return this.codes.answer('', effect.digits);
      case 'qr':
        return this.qrTexts.answer(deviceKey(effect.with), effect.text);
      case 'verification':
        return events.verification(effect);
      case 'removed':
        return events.removed(effect.by);
      case 'secret_changed':
        return events.secretChanged(effect.sealed, effect.by);
      case 'heard':
        return this.heard(effect);
      default:
        return assertNever(effect);
    }
  }

  private heard(heard: Heard): void {
    const { from, kind, body, private: only = false } = heard;
    if (kind !== PROFILE_KIND) return this.parts.events.heard(heard);
    const profile = only ? null : decodeProfile(body); // one face for everybody
    if (!profile) return;
    this.people.introduce(from, profile);
    if (profile.unplayable) this.publisher.avoid(profile.unplayable).catch((error) => this.publishFailed(error));
  }

  /** Whether what we send is being sealed: told by the worker's counts, once a second. */
  private count(counts: TrackCounts[]): void {
    const before = this.keyless;
    for (const now of counts) {
      if (now.direction !== 'seal') continue;
      const passed = this.sealed.get(now.track)?.passed ?? 0;
      this.sealed.set(now.track, now);
      this.keyless = now.passed === passed && now.last === 'no_key';
    }
    if (this.keyless !== before) this.parts.events.changed();
  }

  /** A connection that is restarted when its way to the server breaks. */
  private mended(restart: () => Promise<void>): RTCPeerConnection {
    const connection = this.parts.connection(this.relays);
    const mender = new Mender({
      restart: () => {
        this.signalling.probe(); // of the same network, so the socket may be dead as well
        return restart().catch(refusal);
      },
      lost: () => this.mediaFailed(new Error('the media connection failed')),
    });
    connection.onconnectionstatechange = () => mender.changed(connection.connectionState);
    this.menders.push(mender);
    return connection;
  }

  private publishFailed(error: unknown): void {
    if (error instanceof NoTransformError) this.parts.events.noTransform();
    else this.mediaFailed(error);
  }

  private mediaFailed(error: unknown): void {
    if (this.over) return;
    const problem = { code: 'media_failed', message: `Media could not be connected: ${(error as Error).message}` };
    void this.leave().then(() => this.parts.events.ended(problem, true, 0));
  }

  private isSelf(device: Device): boolean {
    return this.self !== null && sameDevice(this.self, device);
  }
}

/** What of the announcement goes into join; who one is the server knows. */
function announced({ join_id, call_keys, sig, proof, one_time_keys, fallback_key }: Announcement) {
  return { join_id, call_keys, sig, one_time_keys, fallback_key, ...(proof ? { proof } : {}) };
}

/**
 * A message to devices that was refused: the one it was for has left, or we were too fast. The engine asks again by its
 * own clock, as a mender does, so there is nothing to do here; and nobody to tell, since nothing is lost yet.
 */
function refusal(error: unknown): void {
  console.warn(`refused by the server: ${(error as Error).message}`);
}

function chunks<T>(all: T[], size: number): T[][] {
  const some: T[][] = [];
  for (let i = 0; i < all.length; i += size) some.push(all.slice(i, i + size));
  return some;
}
