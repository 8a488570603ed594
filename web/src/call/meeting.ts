// A meeting as the page sees it: openMeeting reads the link, newMeetingURL makes one. Joins sessions, devices and people to
// the few signals of view.ts. Keys never come here, and the link's secret does not stay.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Device } from '../wire.ts';
import { Attempts } from './attempts.ts';
import { Breakouts } from './breakouts.ts';
import { dial, onNetworkChange, peerConfiguration, signalURL, timers } from './browser.ts';
import { obstacle, type TransformAPI, transformAPI } from './capabilities.ts';
import { Captions } from './captions.ts';
import { unplayable, VIDEO_CODECS } from './codecs.ts';
import { encryptionOf } from './encryption.ts';
import { EngineClient, startWorker } from './engine_client.ts';
import { Files } from './files/files.ts';
import { Follow } from './follow.ts';
import { Link, type Place, slugOf, type WholeLink } from './link.ts';
import { LocalSpeech } from './local_speech.ts';
import { listenTo } from './loudness.ts';
import { Moderation, moderates, type Switchable } from './moderation.ts';
import { checkNetwork, type NetworkCheck } from './network_check.ts';
import { Notes } from './notes.ts';
import { ownDevices } from './own_devices.ts';
import { knownPeople, OwnIdentity } from './own_identity.ts';
import { OwnMedia } from './own_media.ts';
import { ownTiles, stopped } from './own_tiles.ts';
import { pageBuild } from './page_build.ts';
import { Polls } from './polls.ts';
import { cleanName } from './profile.ts';
import { KeptLink, recentMeetings } from './recent.ts';
import { Recording } from './recording.ts';
import { RoomLink } from './room_link.ts';
import { Sealed } from './sealed.ts';
import { Session } from './session.ts';
import { Viewport } from './showing.ts';
import { Signalling, SignallingError } from './signalling.ts';
import { Stage } from './stage.ts';
import {
  forget,
  type Participation,
  storedMain,
  storedSecret,
  storeMain,
  storeParticipation,
  tabStorage,
  takeParticipation,
} from './stored.ts';
import { Talk } from './talk.ts';
import { unchanged } from './unchanged.ts';
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
import { Vigil } from './vigil.ts';
import { readWords } from './words.ts';

export { newMeetingURL } from './link.ts';
export { readWords } from './words.ts';

const clock = { ...timers, now: () => performance.now() };
const UNREACHABLE_AFTER = 3; // attempts, until it is said
const REFUSED_AT_THE_DOOR: readonly string[] = ['locked', 'not_admitted', 'room_full'];
const GIVE_UP_AFTER = 5; // attempts to join, some 8 s; who was in a call already is tried for without end

/** Reads /r/<slug>#<secret>; or takes part where another link leads. */
export function openMeeting(location: Place & Pick<Location, 'reload'>, other?: WholeLink): Meeting {
  const kept = other ? null : new KeptLink(recentMeetings(), slugOf(location.pathname));
  return new Call(other ?? new Link(location, tabStorage(), kept), location, kept);
}

class Call implements Meeting {
  readonly slug: string;
  readonly phase = signal<Phase>('lobby');
  readonly problem = signal<Problem | null>(null);
  readonly tiles = signal<TileView[]>([]);
  readonly encryption = signal<EncryptionView>({ state: 'ok', sentenceKey: 'encryption.sentence.ok' });
  readonly hand = signal(false);
  readonly pinned = signal<string | null>(null);
  readonly linkChanged = signal({ times: 0, by: '' });
  readonly devices = ownDevices();

  readonly kept: KeptLink | null;

  private readonly whole: WholeLink;
  private readonly origin: string;
  private readonly storage = tabStorage();
  private readonly api: TransformAPI | null;
  private readonly media: OwnMedia;
  private readonly sealed = new Sealed({
    ready: () => this.phase.value === 'in_call' && !this.engine?.trouble,
    name: () => this.options.name,
    now: () => performance.now(),
  });
  private readonly talk = new Talk(this.sealed);
  readonly files = new Files(this.sealed, this.talk.chat, clock);
  readonly captions = new Captions(this.sealed, new LocalSpeech(globalThis, navigator.language), clock);
  private readonly notes: Notes;
  readonly polls: Polls;
  readonly moderation = new Moderation(this.sealed, {
    switchOff: (what) => this.switchOff(what),
    problem: (problem) => this.tell(problem),
  });
  readonly breakouts: Breakouts;
  private readonly own = new OwnIdentity();
  private readonly attempts = new Attempts();
  private readonly verifications = new Verifications();
  private readonly viewport = new Viewport(() => this.session?.look());
  readonly stage: Stage;
  readonly follow: Follow;
  private readonly vigil = new Vigil({
    woke: () => {
      this.session?.retryNow();
      this.media.lookAgain();
    },
    // Alone one misses nothing, and where encryption has failed a reload is what helps.
    guarded: () => !this.engine?.trouble && this.tiles.value.some((tile) => !tile.self),
  });
  readonly recording: Recording;
  private handRaised = 0;
  private going: Promise<void> = Promise.resolve(); // the session before is still saying goodbye
  private readonly queryCodec: VideoCodec | undefined;
  private readonly framed: string; // a page around us goes with us into another room
  private prepared: Promise<Problem | null>;
  private engine: EngineClient | null = null;
  private session: Session | null = null;
  private options: JoinOptions = { name: '', mic: false, camera: false };
  private replaces: string | null = null;
  private returning = false; // after a reload
  private noTransform = false;
  private moving = false; // to another room: the page that goes keeps nothing of this one

  constructor(link: WholeLink, location: Place & Pick<Location, 'reload'>, kept: KeptLink | null) {
    const query = new URLSearchParams(location.search);
    this.whole = link;
    this.kept = kept;
    this.slug = link.slug;
    this.origin = location.origin;
    this.api = transformAPI(globalThis, query.get('transform'));
    this.framed = query.has('embedded') ? '?embedded' : '';
    this.queryCodec = VIDEO_CODECS.find((codec) => codec === query.get('codec'));
    this.media = new OwnMedia(
      {
        changed: () => this.mediaChanged(),
        problem: (problem) => this.tell(problem),
        noTransform: () => this.refuseTransform(),
      },
      this.devices,
    );
    this.stage = new Stage({
      viewport: this.viewport,
      stats: (tile) => this.session?.stats(tile) ?? null,
      lineChanged: () => this.mediaChanged(),
      muted: {
        inCall: () => this.phase.value === 'in_call',
        mic: this.mic,
        listen: (heard, everyMs) => listenTo(this.devices, heard, everyMs),
      },
    });
    this.follow = new Follow({
      sealed: this.sealed,
      moderates: (device) => moderates(this.moderation.roleOf(device)),
      mayLead: () => moderates(this.moderation.role.value),
      tiles: this.tiles,
      layout: this.stage.layout,
      pinned: this.pinned,
      look: (layout, pinned) => {
        this.stage.setLayout(layout);
        this.pin(pinned);
      },
    });
    this.recording = new Recording(this.media, this.viewport, () => this.mediaChanged());
    this.notes = new Notes(this.storage, link.slug, () => this.engine);
    this.polls = new Polls(this.sealed, timers, this.notes);
    this.breakouts = new Breakouts(this.sealed, {
      slug: link.slug,
      origin: location.origin,
      main: storedMain(this.storage, link.slug),
      possible: !(link instanceof RoomLink),
      roleOf: (person) => this.moderation.roleOf(person),
      newSecret: async () => this.engine?.newSecret() ?? Promise.reject(new Error('there is no engine')),
      moveTo: (place) => this.moveTo(place),
      back: () => this.back(),
      endBreakouts: () => this.moderation.endBreakouts(),
      problem: (problem) => this.tell(problem),
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
    return this.talk.chat.lines;
  }

  get reactions(): ReadonlySignal<ReactionView[]> {
    return this.talk.reactions.shown;
  }

  get identity(): ReadonlySignal<IdentityView> {
    return this.own.view;
  }

  get verification(): ReadonlySignal<VerificationView | null> {
    return this.verifications.shown;
  }

  async prepare(): Promise<Problem | null> {
    return (await this.prepared) ?? this.engine?.trouble ?? null;
  }

  checkNetwork(): Promise<NetworkCheck> {
    return checkNetwork(this.origin);
  }

  async openWithWords(text: string): Promise<WordsRead> {
    const read = await readWords(text);
    if (read.ok) await this.openWithSecret(read.fragment);
    return read;
  }

  async openWithSecret(secret: string): Promise<void> {
    this.prepared = this.setUp(secret);
    await this.prepared;
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
    if (this.engine) await this.kept?.joined(this.engine, this.options.keepLink ?? this.kept.kept.value);
    if (this.engine) {
      this.options.remember ??= this.own.view.value === 'kept'; // without a word, as before
      await this.own.take(this.engine, this.options.remember);
    }
    await Promise.all([this.openDevices(), this.notes.begin(this.returning), this.going]);
    if (this.phase.value === 'connecting') this.begin();
  }

  leave(): void {
    this.stop();
    this.whole.forget(this.engine);
    this.notes.forget();
    this.forgetMain();
    this.phase.value = 'left';
    void this.own.look(this.engine); // a guest of this call may be kept all the same
  }

  async link(): Promise<string> {
    if (!this.engine) throw new Error('there is no engine to ask for the link');
    return this.whole.url(this.engine);
  }

  async code(): Promise<string> {
    if (!this.session || this.engine?.trouble) throw new Error('there is no call to make a code of');
    return this.session.code();
  }

  pin(tile: string | null): void {
    this.pinned.value = tile;
    this.viewport.pin(tile);
  }

  see(tile: string, size: Size | null): void {
    this.viewport.see(tile, size);
  }

  async say(text: string, to?: PersonRef): Promise<void> {
    this.talk.say(text, to);
  }

  react(emoji: string): void {
    if (this.phase.value === 'in_call' && !this.engine?.trouble) this.talk.react(emoji);
  }

  setName(name: string): void {
    this.options = { ...this.options, name: cleanName(name) };
    this.mediaChanged();
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
    this.about(person, (session, device) => {
      session.remove(device, change);
      this.moderation.expel(device);
    });
  }

  async forgetDevice(): Promise<void> {
    await this.own.forget(this.engine);
    this.options.remember = false;
  }

  readonly build = () => pageBuild();

  known(): Promise<KnownPerson[]> {
    return knownPeople(this.engine);
  }

  async forgetPerson(identity: string): Promise<void> {
    await this.engine?.forgetPerson(identity);
  }

  async setMicrophone(on: boolean): Promise<void> {
    if (!on || this.moderation.role.value !== 'viewer') await this.media.setMicrophone(on);
  }

  async setCamera(on: boolean): Promise<void> {
    if (!on || this.moderation.role.value !== 'viewer') await this.media.setCamera(on);
  }

  async setScreen(on: boolean): Promise<void> {
    if (!on || this.moderation.role.value !== 'viewer') await this.media.setScreen(on);
  }

  async resumeAfterReload(): Promise<boolean> {
    const participation = takeParticipation(this.storage, this.slug);
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
    await this.own.look(engine);
    return wrong;
  }

  /** Does something about somebody who is here; who has left meanwhile needs nothing done. */
  private about(person: PersonRef, act: (session: Session, device: Device) => void): void {
    const device = this.session?.people.find(person);
    if (this.session && device && !this.engine?.trouble) act(this.session, device);
  }

  private async openDevices(): Promise<void> {
    const { mic, camera } = this.options;
    await Promise.all([mic && this.media.setMicrophone(true), camera && this.media.setCamera(true)]);
  }

  /** Begins a session, the first one or one in the place of another. */
  private begin(): void {
    const { engine, api } = this;
    if (!engine || !api) return;
    const cannot = unplayable();
    const session = new Session({
      engine,
      api,
      codec: this.options.codec ?? this.queryCodec ?? 'vp8',
      unplayable: cannot,
      signalling: (events) => new Signalling(signalURL(this.origin), events, dial, timers),
      connection: (relays) => new RTCPeerConnection(peerConfiguration(api, relays)),
      profile: () => ({
        name: this.options.name,
        mic: this.mic.value,
        camera: this.camera.value,
        screen: this.screen.value,
        hand: this.handRaised,
        ...(this.stage.weak ? { weak: true } : {}),
        recording: this.recording.on.value,
        ...(cannot.length > 0 ? { unplayable: cannot } : {}),
      }),
      order: this.moderation,
      viewport: this.viewport,
      events: {
        heard: (heard) => this.sealed.heard(heard),
        reached: (device) => this.sealed.reached(device),
        verification: (told) => this.verifications.told(told, session.people.name(told.with)),
        left: (device) => {
          this.verifications.leave(device);
          this.sealed.left(device);
        },
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
    this.sealed.speakThrough(session);
    this.moderation.standOn(session);
    session.enter(this.slug, this.replaces, this.whole.token).then(
      () => this.joined(session),
      (error: unknown) => this.notJoined(session, error),
    );
  }

  private joined(session: Session): void {
    if (session !== this.session) return;
    this.replaces = session.resumeToken;
    this.attempts.joined();
    this.stage.begin(() => session.publisher.stats());
    this.entered();
    if (!this.engine?.trouble) void this.media.publishIn(session.publisher);
  }

  /** What ended the session is told by its `ended`; what is left are refusals of join and of the engine. */
  private notJoined(session: Session, error: unknown): void {
    if (session !== this.session || this.engine?.trouble) return;
    const hint = error instanceof SignallingError ? error.hint : undefined;
    const refused = error instanceof SignallingError && REFUSED_AT_THE_DOOR.includes(error.code);
    this.fail({
      code: refused ? error.code : 'join_failed',
      message: (error as Error).message,
      ...(hint ? { hint } : {}),
    });
  }

  private entered(): void {
    this.phase.value = 'in_call';
    this.vigil.begin();
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
    this.sealed.speakThrough(null);
    this.moderation.standOn(null);
    this.verifications.clear(); // the next session has other keys
    this.attempts.stop();
    void this.media.publishIn(null);
    if (problem.code === 'called_back' && this.breakouts.main) return this.back();
    if (!again) return this.fail(problem);
    if (this.phase.value === 'in_call') this.phase.value = 'reconnecting';
    if (this.attempts.again(() => this.begin(), afterMs) > UNREACHABLE_AFTER) this.tell(problem);
  }

  private fail(problem: Problem): void {
    this.stop();
    this.problem.value = problem;
    this.phase.value = 'failed';
  }

  private stop(): void {
    this.attempts.stop();
    const { session } = this;
    this.session = null;
    this.vigil.end();
    if (session) this.going = session.leave();
    this.media.stop();
    this.tiles.value = [];
    this.sealed.end();
    this.stage.clear();
    this.moderation.standOn(null);
    this.verifications.clear();
    this.hand.value = false;
    this.handRaised = 0;
    this.pin(null);
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
    if (this.moving) return;
    if (phase.value !== 'connecting' && phase.value !== 'in_call' && phase.value !== 'reconnecting') return;
    storeParticipation(this.storage, this.slug, this.participation(session?.resumeToken ?? this.replaces));
    session?.leaveNow();
  }

  /** How we take part here, for a page that goes on with it. */
  private participation(replaces: string | null): Participation {
    const { name, codec, remember } = this.options;
    return {
      name,
      // A worker that failed has switched everything off; after the reload it is as one had wanted it.
      mic: this.engine?.trouble ? this.options.mic : this.mic.value,
      camera: this.engine?.trouble ? this.options.camera : this.camera.value,
      replaces,
      hand: this.handRaised,
      ...(codec ? { codec } : {}),
      ...(remember === undefined ? {} : { remember }),
    };
  }

  /** Goes on in a breakout room, as one takes part here; what is kept of this room stays, for the way back. */
  private moveTo({ slug, secret, name }: { slug: string; secret: string; name: string }): void {
    storeParticipation(this.storage, slug, { ...this.participation(null), hand: 0 });
    storeMain(this.storage, slug, { slug: this.slug, name });
    this.vigil.end(); // nobody goes by mistake
    location.assign(`${this.origin}/r/${slug}${this.framed}#${secret}`);
  }

  /** Goes on in the main room. Of this one nothing is kept. */
  private back(): void {
    const { main } = this.breakouts;
    if (!main) return;
    const before = takeParticipation(this.storage, main.slug);
    const now = this.participation(before?.replaces ?? null);
    storeParticipation(this.storage, main.slug, { ...now, hand: 0 });
    this.stop();
    this.moving = true;
    this.phase.value = 'connecting';
    this.whole.forget(this.engine);
    this.notes.forget();
    void this.going.then(() => location.assign(`${this.origin}/r/${main.slug}${this.framed}`));
  }

  /** Who leaves from a breakout room leaves the meeting: what was kept for the way back is of no use. */
  private forgetMain(): void {
    const { main } = this.breakouts;
    if (!main) return;
    const sealed = storedSecret(this.storage, main.slug);
    if (sealed) this.engine?.forget(sealed);
    forget(this.storage, main.slug);
  }

  /** A moderator wants something of ours off; false if it is. */
  private switchOff(what: Switchable): boolean {
    const on = { mic: this.mic, camera: this.camera, screen: this.screen }[what].value;
    if (!on) return false;
    if (what === 'mic') void this.media.setMicrophone(false);
    if (what === 'camera') void this.media.setCamera(false);
    if (what === 'screen') void this.media.setScreen(false);
    return true;
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
    if (this.engine) void this.kept?.changed(this.engine);
    this.linkChanged.value = { times: this.linkChanged.value.times + 1, by };
  }

  private tell(problem: Problem): void {
    this.problem.value = problem;
  }

  private mediaChanged(): void {
    this.session?.introduce();
    this.captions.listenTo(this.media.track('mic'));
    this.render();
  }

  private render(): void {
    const { session } = this;
    if (!session?.self) return;
    const own = ownTiles({
      self: session.self,
      name: this.options.name,
      state: this.ownState(),
      hand: this.handRaised,
      speaks: session.people.speaks(session.self),
      weak: this.stage.weak,
      recording: this.recording.on.value,
      media: this.media,
    });
    const others = session.people.tiles().map((tile) => (this.engine?.trouble ? stopped(tile) : tile));
    this.tiles.value = unchanged(this.tiles.value, [...own, ...others]);
    this.stage.look(this.tiles.value);
    this.encryption.value = encryptionOf(this.ownState(), session.people);
  }

  private ownState(): TileState {
    if (this.engine?.trouble) return 'engine_failed';
    if (this.noTransform) return 'no_transform';
    return this.session?.keyless ? 'waiting_for_key' : 'new';
  }
}
