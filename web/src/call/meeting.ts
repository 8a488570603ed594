// A meeting as the page sees it: openMeeting reads the link, newMeetingURL makes one. Joins sessions, devices and people to
// the few signals of view.ts. Keys never come here, and the link's secret does not stay.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Device } from '../wire.ts';
import { obstacle, type TransformAPI, transformAPI } from './capabilities.ts';
import { Chat, ChatError } from './chat.ts';
import { encryptionOf } from './encryption.ts';
import { EngineClient, startWorker } from './engine_client.ts';
import { Link, type WholeLink } from './link.ts';
import { OwnMedia } from './own_media.ts';
import { cleanName } from './profile.ts';
import { REACTIONS, Reactions } from './reactions.ts';
import { RoomLink } from './room_link.ts';
import { Session } from './session.ts';
import { Viewport } from './showing.ts';
import { Signalling, SignallingError } from './signalling.ts';
import { storeParticipation, takeParticipation } from './stored.ts';
import { Verifications } from './verifications.ts';
import type {
  ChatLine,
  EncryptionView,
  IdentityView,
  JoinOptions,
  KnownPerson,
  Meeting,
  PersonRef,
  Phase,
  Problem,
  ReactionView,
  Size,
  TileState,
  TileView,
  VerificationView,
  VideoCodec,
  WordsRead,
} from './view.ts';
import { readWords } from './words.ts';

export { newMeetingURL } from './link.ts';
export { readWords } from './words.ts';

const UNREACHABLE_AFTER = 3; // attempts, until it is said
const GIVE_UP_AFTER = 5; // attempts to join, some 8 s; who was in a call already is tried for without end
const AGAIN_MS = [0, 1000, 2000, 4000, 8000]; // before each new session, until one has lasted
const LASTED_MS = 20_000;

/** Reads /r/<slug>#<secret>; or takes part where another link leads. */
export function openMeeting(location: Location, link: WholeLink = new Link(location, sessionStorage)): Meeting {
  return new Call(link, location);
}

class Call implements Meeting {
  readonly slug: string;
  readonly phase = signal<Phase>('lobby');
  readonly problem = signal<Problem | null>(null);
  readonly tiles = signal<TileView[]>([]);
  readonly encryption = signal<EncryptionView>({ state: 'ok', sentenceKey: 'encryption.sentence.ok' });
  readonly hand = signal(false);
  readonly identity = signal<IdentityView>('guest');
  readonly linkChanged = signal({ times: 0, by: '' });

  private readonly whole: WholeLink;
  private readonly origin: string;
  private readonly api: TransformAPI | null;
  private readonly media: OwnMedia;
  private readonly lines = new Chat();
  private readonly emoji = new Reactions({ ...timers, now: () => performance.now() });
  private readonly verifications = new Verifications();
  private readonly viewport = new Viewport(() => this.session?.look());
  private handRaised = 0;
  private going: Promise<void> = Promise.resolve(); // the session before is still saying goodbye
  private readonly queryCodec: VideoCodec | undefined;
  private prepared: Promise<Problem | null>;
  private engine: EngineClient | null = null;
  private session: Session | null = null;
  private options: JoinOptions = { name: '', mic: false, camera: false };
  private replaces: string | null = null;
  private returning = false; // after a reload
  private noTransform = false;
  private failures = 0;
  private againTimer: ReturnType<typeof setTimeout> | undefined;
  private lastedTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(link: WholeLink, location: Location) {
    const query = new URLSearchParams(location.search);
    this.whole = link;
    this.slug = link.slug;
    this.origin = location.origin;
    this.api = transformAPI(globalThis, query.get('transform'));
    const codec = query.get('codec');
    this.queryCodec = codec === 'vp8' || codec === 'vp9' || codec === 'av1' ? codec : undefined;
    this.media = new OwnMedia({
      changed: () => this.mediaChanged(),
      problem: (problem) => this.tell(problem),
      noTransform: () => this.refuseTransform(),
    });
    this.prepared = this.setUp();
    addEventListener('pagehide', () => this.pageGoes());
    addEventListener('pageshow', (event) => event.persisted && location.reload()); // the call was left as the page went
    document.addEventListener('visibilitychange', () => this.viewport.hide(document.hidden));
    addEventListener('online', () => this.session?.retryNow());
    onNetworkChange(() => this.session?.retryNow());
  }

  get mic(): ReadonlySignal<boolean> {
    return this.media.mic;
  }

  get camera(): ReadonlySignal<boolean> {
    return this.media.camera;
  }

  get screen(): ReadonlySignal<boolean> {
    return this.media.screen;
  }

  get chat(): ReadonlySignal<ChatLine[]> {
    return this.lines.lines;
  }

  get reactions(): ReadonlySignal<ReactionView[]> {
    return this.emoji.shown;
  }

  get verification(): ReadonlySignal<VerificationView | null> {
    return this.verifications.shown;
  }

  async prepare(): Promise<Problem | null> {
    return (await this.prepared) ?? this.engine?.trouble ?? null;
  }

  async openWithWords(text: string): Promise<WordsRead> {
    const read = await readWords(text);
    if (read.ok) {
      this.prepared = this.setUp(read.fragment);
      await this.prepared;
    }
    return read;
  }

  async join(options: JoinOptions): Promise<void> {
    if (this.phase.value !== 'lobby' && this.phase.value !== 'left') return;
    this.options = { ...options, name: cleanName(options.name) };
    this.problem.value = null;
    this.phase.value = 'connecting';
    // First, so that whatever goes wrong the camera is ours to switch off.
    if (options.stream) this.media.adopt(options.stream, options);
    const wrong = await this.prepare();
    if (wrong) return this.fail(wrong);
    if (this.engine) await this.whole.keep(this.engine);
    await this.takeIdentity(options.remember);
    await Promise.all([this.openDevices(), this.going]);
    if (this.phase.value === 'connecting') this.begin();
  }

  leave(): void {
    this.stop();
    this.whole.forget(this.engine);
    this.phase.value = 'left';
    void this.lookForIdentity(); // a guest of this call may be kept all the same
  }

  async link(): Promise<string> {
    if (!this.engine) throw new Error('there is no engine to ask for the link');
    return this.whole.url(this.engine);
  }

  async code(): Promise<string> {
    if (!this.session || this.engine?.trouble) throw new Error('there is no call to make a code of');
    return this.session.code();
  }

  see(tile: string, size: Size | null): void {
    this.viewport.see(tile, size);
  }

  async say(text: string, to?: PersonRef): Promise<void> {
    const { session } = this;
    if (!session?.self || this.phase.value !== 'in_call' || this.engine?.trouble) {
      throw new ChatError('offline', 'Not sent: there is no connection now.');
    }
    const device = to ? session.people.find(to) : null;
    if (to && !device) throw new ChatError('gone', 'This person has left.');
    const shown = session.say(text, device);
    const { user, device: id } = session.self;
    const whom = device ? { private: true, to: session.people.name(device) } : { private: false };
    const { name } = this.options;
    this.lines.add({ name, from: { user, device: id }, self: true, text: shown, at: Date.now(), ...whom });
  }

  react(emoji: string): void {
    const { session } = this;
    if (!session?.self || this.phase.value !== 'in_call' || !REACTIONS.includes(emoji)) return;
    const { user, device } = session.self;
    if (this.emoji.add(this.options.name, { user, device }, emoji)) session.react(emoji);
  }

  setHand(on: boolean): void {
    if (on === this.hand.value) return;
    this.hand.value = on;
    this.handRaised = on ? Date.now() : 0;
    this.mediaChanged();
  }

  verify(person: PersonRef, step: 'request' | 'match' | 'mismatch' | 'cancel'): void {
    this.about(person, (session, device) => session.verify(device, step));
  }

  closeVerification(): void {
    this.verifications.close();
  }

  async qr(person: PersonRef): Promise<string> {
    const device = this.session?.people.find(person);
    if (!this.session || !device) throw new Error('this person is not here');
    return this.session.qr(device);
  }

  scanned(person: PersonRef, text: string): void {
    this.about(person, (session, device) => session.scanned(device, text));
  }

  block(person: PersonRef): void {
    this.about(person, (session, device) => session.block(device));
  }

  remove(person: PersonRef, changeLink: boolean): void {
    // A link without a secret cannot be changed: whoever sets the keys sets another one.
    const change = changeLink && !(this.whole instanceof RoomLink);
    this.about(person, (session, device) => session.remove(device, change));
  }

  async forgetDevice(): Promise<void> {
    const identity = (await this.engine?.identity('forget')) ?? 'unavailable';
    this.identity.value = identity;
    if (identity !== 'guest') throw new Error('what this browser keeps could not be deleted');
    this.options.remember = false;
  }

  async known(): Promise<KnownPerson[]> {
    const people = (await this.engine?.known()) ?? [];
    return people.map(({ identity, name = '', verified = false, blocked = false }) => ({
      identity,
      name: cleanName(name),
      verified,
      blocked,
    }));
  }

  async forgetPerson(identity: string): Promise<void> {
    await this.engine?.forgetPerson(identity);
  }

  setMicrophone(on: boolean): Promise<void> {
    return this.media.setMicrophone(on);
  }

  setCamera(on: boolean): Promise<void> {
    return this.media.setCamera(on);
  }

  setScreen(on: boolean): Promise<void> {
    return this.media.setScreen(on);
  }

  async resumeAfterReload(): Promise<boolean> {
    const participation = takeParticipation(sessionStorage, this.slug);
    if (!participation || (await this.prepare())) return false;
    const { replaces, hand, ...options } = participation;
    this.replaces = replaces;
    this.handRaised = hand;
    this.hand.value = hand > 0;
    this.returning = true;
    await this.join(options);
    return true;
  }

  /** Everything that must be right before one can join; null if it is. */
  private async setUp(told = ''): Promise<Problem | null> {
    const missing = obstacle(globalThis) ?? this.whole.incomplete(told);
    if (missing) return missing;
    this.engine?.terminate();
    const engine = new EngineClient(startWorker(), (problem) => this.engineFailed(problem));
    this.engine = engine;
    const wrong = await this.whole.handOver(engine, told);
    await this.lookForIdentity();
    return wrong;
  }

  /** What this browser keeps of us, before one takes part as one or the other. */
  private async lookForIdentity(): Promise<void> {
    if (this.engine) this.identity.value = await this.engine.identity('look').catch(() => 'unavailable' as const);
  }

  /** As what to take part: under the identity that this browser keeps, or as a guest. Without a word, as before. */
  private async takeIdentity(remember = this.identity.value === 'kept'): Promise<void> {
    if (!this.engine) return;
    this.options.remember = remember;
    this.identity.value = await this.engine.identity(remember ? 'keep' : 'guest').catch(() => 'unavailable' as const);
  }

  /** Does something about somebody who is here; who has left meanwhile needs nothing done. */
  private about(person: PersonRef, act: (session: Session, device: Device) => void): void {
    const device = this.session?.people.find(person);
    if (this.session && device && !this.engine?.trouble) act(this.session, device);
  }

  private async openDevices(): Promise<void> {
    const { mic, camera, micId, cameraId } = this.options;
    this.media.micId = micId;
    this.media.cameraId = cameraId;
    await Promise.all([mic && this.media.setMicrophone(true), camera && this.media.setCamera(true)]);
  }

  /** Begins a session, the first one or one in the place of another. */
  private begin(): void {
    const { engine, api } = this;
    if (!engine || !api) return;
    const session = new Session({
      engine,
      api,
      codec: this.options.codec ?? this.queryCodec ?? 'vp8',
      signalling: (events) => new Signalling(signalURL(this.origin), events, dial, timers),
      // max-bundle: one transport each, as the server has one port. Streams have to be asked for at the start.
      connection: (relays) => new RTCPeerConnection(peerConfiguration(api, relays)),
      profile: () => ({
        name: this.options.name,
        mic: this.mic.value,
        camera: this.camera.value,
        screen: this.screen.value,
        hand: this.handRaised,
      }),
      viewport: this.viewport,
      events: {
        chat: (from, text, only) => this.heard(session, from, text, only),
        reaction: (from, emoji) => void this.emoji.add(session.people.name(from), from, emoji),
        verification: (told) => this.verifications.told(told, session.people.name(told.with)),
        left: (device) => this.verifications.leave(device),
        removed: () => this.removed(),
        secretChanged: (sealed, by) =>
          this.secretChanged(sealed, by === null ? '' : session.people.name(by) || 'Participant'),
        changed: () => this.render(),
        lost: (attempts) => this.lost(attempts),
        resumed: () => this.entered(),
        ended: (problem, again, afterMs) => this.ended(problem, again, afterMs),
        noTransform: () => this.refuseTransform(),
      },
    });
    this.session = session;
    session.enter(this.slug, this.replaces).then(
      () => this.joined(session),
      (error: unknown) => this.notJoined(session, error),
    );
  }

  private joined(session: Session): void {
    if (session !== this.session) return;
    this.replaces = session.resumeToken;
    this.lastedTimer = setTimeout(() => {
      this.failures = 0;
    }, LASTED_MS);
    this.entered();
    if (!this.engine?.trouble) void this.media.publishIn(session.publisher);
  }

  /** What ended the session is told by its `ended`; what is left are refusals of join and of the engine. */
  private notJoined(session: Session, error: unknown): void {
    if (session !== this.session || this.engine?.trouble) return;
    const hint = error instanceof SignallingError ? error.hint : undefined;
    this.fail({ code: 'join_failed', message: (error as Error).message, ...(hint ? { hint } : {}) });
  }

  private entered(): void {
    this.phase.value = 'in_call';
    this.returning = false;
    if (this.problem.value?.code === 'unreachable') this.problem.value = null;
    this.render();
  }

  private lost(attempts: number): void {
    if (this.phase.value === 'in_call') this.phase.value = 'reconnecting';
    const problem = { code: 'unreachable', message: 'The server cannot be reached.', hint: 'Look at your connection.' };
    if (this.phase.value === 'connecting' && !this.returning && attempts >= GIVE_UP_AFTER) return this.fail(problem);
    if (attempts >= UNREACHABLE_AFTER && this.problem.value === null) this.tell(problem);
  }

  private ended(problem: Problem, again: boolean, afterMs: number): void {
    this.session = null;
    this.verifications.clear(); // the next session has other keys
    clearTimeout(this.lastedTimer);
    void this.media.publishIn(null);
    if (!again) return this.fail(problem);
    if (this.phase.value === 'in_call') this.phase.value = 'reconnecting';
    const wait = AGAIN_MS[Math.min(this.failures, AGAIN_MS.length - 1)] ?? 0;
    if (this.failures++ >= UNREACHABLE_AFTER) this.tell(problem);
    this.againTimer = setTimeout(() => this.begin(), Math.max(wait, afterMs));
  }

  private fail(problem: Problem): void {
    this.stop();
    this.problem.value = problem;
    this.phase.value = 'failed';
  }

  private stop(): void {
    clearTimeout(this.againTimer);
    clearTimeout(this.lastedTimer);
    const { session } = this;
    this.session = null;
    if (session) this.going = session.leave();
    this.media.stop();
    this.tiles.value = [];
    this.lines.clear();
    this.emoji.clear();
    this.verifications.clear();
    this.hand.value = false;
    this.handRaised = 0;
  }

  /** The worker is gone: nothing of ours leaves any more, and the tile says so. Reloading comes back. */
  private engineFailed(problem: Problem): void {
    this.media.forbid();
    this.tell(problem);
    if (this.phase.value === 'connecting') this.fail(problem);
    else this.render();
  }

  private refuseTransform(): void {
    this.noTransform = true;
    this.media.forbid();
    this.tell({ code: 'no_transform', message: 'This browser refused to seal media, so nothing is sent.' });
    this.render();
  }

  /** Leaves at once, so that nobody sees a ghost, and remembers how to come back if this is a reload. */
  private pageGoes(): void {
    const { phase, session } = this;
    if (phase.value !== 'connecting' && phase.value !== 'in_call' && phase.value !== 'reconnecting') return;
    const { name, micId, cameraId, codec, remember } = this.options;
    storeParticipation(sessionStorage, this.slug, {
      name,
      // A worker that failed has switched everything off; after the reload it is as one had wanted it.
      mic: this.engine?.trouble ? this.options.mic : this.mic.value,
      camera: this.engine?.trouble ? this.options.camera : this.camera.value,
      replaces: session?.resumeToken ?? this.replaces,
      hand: this.handRaised,
      ...(micId ? { micId } : {}),
      ...(cameraId ? { cameraId } : {}),
      ...(codec ? { codec } : {}),
      ...(remember === undefined ? {} : { remember }),
    });
    session?.leaveNow();
  }

  private heard(session: Session, from: Device, text: string, only: boolean): void {
    const { user, device } = from;
    const name = session.people.name(from);
    this.lines.add({ name, from: { user, device }, self: false, text, at: Date.now(), private: only });
  }

  /** Coming back by itself would only ask for the same again: that is for a person to decide. */
  private removed(): void {
    this.fail({
      code: 'removed',
      message: 'You were removed from the meeting.',
      hint: 'If it was a mistake, ask for the link: the one you have may open nothing any more.',
    });
  }

  /** The worker holds the meeting's new secret; what a reload would find is renewed, and the link to copy. */
  private secretChanged(sealed: string, by: string): void {
    if (this.engine) this.whole.change(this.engine, sealed);
    this.linkChanged.value = { times: this.linkChanged.value.times + 1, by };
  }

  private tell(problem: Problem): void {
    this.problem.value = problem;
  }

  private mediaChanged(): void {
    this.session?.introduce();
    this.render();
  }

  private render(): void {
    const { session } = this;
    if (!session?.self) return;
    const own = this.ownTiles(session.self, session.people.speaks(session.self));
    // Without the engine nothing of others opens either: a picture that stands still would pretend it did.
    const others = session.people.tiles().map((tile) => (this.engine?.trouble ? stopped(tile) : tile));
    this.tiles.value = [...own, ...others];
    this.encryption.value = encryptionOf(this.ownState(), session.people);
  }

  private ownState(): TileState {
    if (this.engine?.trouble) return 'engine_failed';
    if (this.noTransform) return 'no_transform';
    return this.session?.keyless ? 'waiting_for_key' : 'new';
  }

  private ownTiles({ user, device }: Device, speaks: boolean): TileView[] {
    const { name } = this.options;
    const mic = this.mic.value;
    const said = { hand: this.handRaised, speaking: speaks && mic, paused: false };
    const self = { name, self: true, user, device, state: this.ownState(), audio: null, ...said };
    const camera = this.camera.value;
    const tiles: TileView[] = [
      { ...self, key: 'self/camera', kind: 'camera', video: this.media.stream('camera'), mic, camera },
    ];
    const screen = this.media.stream('screen');
    if (screen) {
      tiles.push({ ...self, key: 'self/screen', kind: 'screen', video: screen, mic, camera, speaking: false });
    }
    return tiles;
  }
}

function stopped(tile: TileView): TileView {
  return { ...tile, state: 'engine_failed', video: null, audio: null };
}

function signalURL(origin: string): string {
  return `${origin.replace(/^http/, 'ws')}/v1/signal`;
}

function dial(url: string): WebSocket {
  return new WebSocket(url);
}

const timers = {
  setTimeout: (act: () => void, ms: number) => setTimeout(act, ms),
  clearTimeout: (timer: unknown) => clearTimeout(timer as ReturnType<typeof setTimeout>),
  random: () => Math.random(),
};

/** From Wi-Fi to mobile and back, where a browser says so. It tells of other changes by the same event, which are none to us. */
function onNetworkChange(changed: () => void): void {
  const network = (navigator as { connection?: EventTarget & { type?: string } }).connection;
  let type = network?.type;
  network?.addEventListener?.('change', () => {
    if (network.type === type) return;
    type = network.type;
    changed();
  });
}

function peerConfiguration(api: TransformAPI, iceServers: RTCIceServer[]): RTCConfiguration {
  const bundle: RTCConfiguration = { bundlePolicy: 'max-bundle', iceServers };
  return api === 'streams' ? ({ ...bundle, encodedInsertableStreams: true } as RTCConfiguration) : bundle;
}
