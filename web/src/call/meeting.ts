// A meeting as the page sees it: openMeeting reads the link, newMeetingURL makes one. Joins the stay, devices, what is said and
// what is seen to the few signals of view.ts. Keys never come here, and the link's secret does not stay.
import { signal } from '@preact/signals';
import { Breakouts, type Elsewhere } from './breakouts.ts';
import { dial, onNetworkChange, peerConfiguration, signalURL, timers } from './browser.ts';
import { type TransformAPI, transformAPI } from './capabilities.ts';
import { Captions } from './captions.ts';
import { unplayable, VIDEO_CODECS } from './codecs.ts';
import { Dealings } from './dealings.ts';
import { Files } from './files/files.ts';
import { Follow } from './follow.ts';
import type { KeyTransport } from './key_transport.ts';
import { Link, type Place, slugOf, type WholeLink } from './link.ts';
import { LocalSpeech } from './local_speech.ts';
import { listenTo } from './loudness.ts';
import { Moderation, moderates } from './moderation.ts';
import { checkNetwork, type NetworkCheck } from './network_check.ts';
import { Notes } from './notes.ts';
import { ownDevices } from './own_devices.ts';
import { OwnMedia } from './own_media.ts';
import { OwnPart } from './own_part.ts';
import { pageBuild } from './page_build.ts';
import { Passage } from './passage.ts';
import { Polls } from './polls.ts';
import type { Profile } from './profile.ts';
import { Readiness } from './readiness.ts';
import { KeptLink, recentMeetings } from './recent.ts';
import { Recording } from './recording.ts';
import { Scene } from './scene.ts';
import { Sealed } from './sealed.ts';
import { Session } from './session.ts';
import type { SessionEvents } from './session_parts.ts';
import { Viewport } from './showing.ts';
import { Signalling } from './signalling.ts';
import { Stage } from './stage.ts';
import { Stay } from './stay.ts';
import { tabStorage } from './stored.ts';
import { Talk } from './talk.ts';
import { Terms } from './terms.ts';
import type { JoinOptions, KnownPerson, Meeting, PersonRef, Problem, Size, VideoCodec, WordsRead } from './view.ts';
import { Vigil } from './vigil.ts';

export { newMeetingURL } from './link.ts';
export { readWords } from './words.ts';

const clock = { ...timers, now: () => performance.now() };

/** Reads /r/<slug>#<secret>; or takes part where another link leads, with the agents' messages on another way. */
export function openMeeting(
  location: Place & Pick<Location, 'reload'>,
  other?: WholeLink,
  keys?: KeyTransport,
): Meeting {
  const kept = other ? null : new KeptLink(recentMeetings(), slugOf(location.pathname));
  return new Call(other ?? new Link(location, tabStorage(), kept), location, kept, keys ?? null);
}

class Call implements Meeting {
  readonly slug: string;
  readonly kept: KeptLink | null;
  private readonly origin: string;
  private readonly keys: KeyTransport | null;
  readonly matrix: Meeting['matrix'];
  private readonly api: TransformAPI | null;
  private readonly queryCodec: VideoCodec | undefined;
  private readonly readiness: Readiness;
  private readonly passage: Passage;
  private readonly stay: Stay;
  readonly phase: Stay['phase'];
  readonly problem: Stay['problem'];
  readonly identity: Readiness['identity'];

  // What of us goes out, and what keeps watch while it does.
  readonly devices = ownDevices();
  private readonly media = new OwnMedia(
    {
      changed: () => this.mediaChanged(),
      problem: (problem) => this.stay.tell(problem),
      noTransform: () => this.refuseTransform(),
    },
    this.devices,
  );
  readonly mic = this.media.mic;
  readonly camera = this.media.camera;
  readonly screen = this.media.screen;
  readonly terms = new Terms(clock.now);
  private readonly part = new OwnPart(this.media, {
    has: (feature) => this.terms.has(feature),
    role: () => this.moderation.role.value,
    changed: () => this.mediaChanged(),
  });
  readonly hand = this.part.hand;
  private readonly vigil = new Vigil({
    woke: () => {
      this.stay.session?.retryNow();
      this.media.lookAgain();
    },
    // Alone one misses nothing, and where encryption has failed a reload is what helps.
    guarded: () => !this.broken && this.tiles.value.some((tile) => !tile.self),
  });

  // What is said, sealed.
  private readonly sealed = new Sealed({
    ready: () => this.phase.value === 'in_call' && !this.broken,
    name: () => this.part.name,
    now: () => performance.now(),
    allows: (kind, only) => this.terms.allows(kind, only),
  });
  private readonly talk = new Talk(this.sealed);
  readonly chat = this.talk.chat.lines;
  readonly reactions = this.talk.reactions.shown;
  readonly files = new Files(this.sealed, this.talk.chat, clock);
  readonly captions = new Captions(this.sealed, new LocalSpeech(globalThis, navigator.language), clock);
  private readonly notes: Notes;
  readonly polls: Polls;
  readonly moderation = new Moderation(this.sealed, {
    switchOff: (what) => this.part.switchOff(what),
    heardFromMain: (body) => this.breakouts.heardFromMain(body),
    problem: (problem) => this.stay.tell(problem),
  });
  readonly breakouts: Breakouts;
  private readonly dealings = new Dealings(() => ({ session: this.stay.session, broken: this.broken }));
  readonly verification = this.dealings.verification;
  readonly linkChanged = signal({ times: 0, by: '' });

  // What is seen.
  private readonly scene = new Scene();
  readonly tiles = this.scene.tiles;
  readonly encryption = this.scene.encryption;
  readonly pinned = signal<string | null>(null);
  private readonly viewport = new Viewport(() => this.stay.session?.look());
  readonly stage = new Stage({
    viewport: this.viewport,
    stats: (tile) => this.stay.session?.stats(tile) ?? null,
    lineChanged: () => this.mediaChanged(),
    muted: {
      inCall: () => this.phase.value === 'in_call',
      mic: this.mic,
      listen: (heard, everyMs) => listenTo(this.devices, heard, everyMs),
    },
  });
  readonly follow = new Follow({
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
  readonly recording = new Recording(this.media, this.viewport, () => this.mediaChanged());

  constructor(
    link: WholeLink,
    location: Place & Pick<Location, 'reload'>,
    kept: KeptLink | null,
    keys: KeyTransport | null,
  ) {
    const { slug } = link;
    this.keys = keys;
    this.matrix = keys?.view ?? null;
    const { origin } = location;
    const query = new URLSearchParams(location.search);
    this.slug = slug;
    this.origin = origin;
    this.kept = kept;
    this.api = transformAPI(globalThis, query.get('transform'));
    this.queryCodec = VIDEO_CODECS.find((codec) => codec === query.get('codec'));
    this.stay = new Stay(link, {
      session: (turns) => this.makeSession(turns),
      broken: () => this.broken,
      begun: (session) => this.handTo(session),
      entered: (joined) => this.entered(joined),
      ended: (problem) => this.ended(problem),
      over: () => this.clear(),
    });
    this.phase = this.stay.phase;
    this.problem = this.stay.problem;
    this.passage = new Passage(slug, location);
    this.readiness = new Readiness(link, kept, (problem) => this.engineFailed(problem));
    this.identity = this.readiness.identity;
    this.notes = new Notes(tabStorage(), slug, () => this.readiness.engine);
    this.polls = new Polls(this.sealed, timers, this.notes);
    const rooms = {
      slug,
      origin,
      main: this.passage.main,
      possible: this.readiness.changeable && keys === null, // a breakout room has a link, and no Matrix room
      roleOf: (person: PersonRef) => this.moderation.roleOf(person),
      newSecret: () => this.readiness.newSecret(),
      secret: () => this.readiness.readSecret(),
      ahead: (slug: string, kept: object) => this.notes.ahead(slug, kept),
      moveTo: (place: Elsewhere) => this.moveTo(place),
      back: () => this.back(),
      endBreakouts: () => this.moderation.endBreakouts(),
      tellBreakout: (room: string, body: string) => this.moderation.tellBreakout(room, body),
      mainChanged: (secret: string) => this.passage.mainChanged(this.readiness.engine, secret),
      problem: (problem: Problem) => this.stay.tell(problem),
    };
    this.breakouts = new Breakouts(this.sealed, rooms, this.notes);
    addEventListener('pagehide', () => this.pageGoes());
    addEventListener('pageshow', (event) => event.persisted && location.reload()); // the call was left as the page went
    document.addEventListener('visibilitychange', () => this.viewport.hide(document.hidden));
    addEventListener('online', () => this.stay.session?.retryNow());
    onNetworkChange(() => this.stay.session?.retryNow());
  }

  prepare(): Promise<Problem | null> {
    return this.readiness.prepare();
  }

  checkNetwork(): Promise<NetworkCheck> {
    return checkNetwork(this.origin);
  }

  openWithWords(text: string): Promise<WordsRead> {
    return this.readiness.openWithWords(text);
  }

  openWithSecret(secret: string): Promise<void> {
    return this.readiness.openWithSecret(secret);
  }

  async join(options: JoinOptions): Promise<void> {
    if (!this.stay.setOut()) return;
    this.part.take(options);
    const wrong = (await this.prepare()) ?? (await this.readiness.enter());
    if (wrong) return this.stay.fail(wrong);
    await this.readiness.takeUp(this.part.options);
    await Promise.all([this.part.openDevices(), this.notes.begin(this.stay.returning), this.stay.gone]);
    this.stay.enter();
  }

  leave(): void {
    this.stay.stop();
    this.readiness.putAway();
    this.notes.forget();
    this.passage.forgetMain(this.readiness.engine);
    this.phase.value = 'left';
    void this.readiness.lookAtIdentity();
  }

  link(): Promise<string> {
    return this.readiness.link();
  }

  async code(): Promise<string> {
    if (!this.stay.session || this.broken) throw new Error('there is no call to make a code of');
    return this.stay.session.code();
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
    if (this.phase.value === 'in_call' && !this.broken && this.terms.has('reactions')) this.talk.react(emoji);
  }

  setName(name: string): void {
    this.part.rename(name);
  }

  setHand(on: boolean): void {
    this.part.setHand(on);
  }

  verify(person: PersonRef, step: 'request' | 'match' | 'mismatch' | 'cancel'): void {
    this.dealings.verify(person, step);
  }

  closeVerification(): void {
    this.dealings.closeVerification();
  }

  qr(person: PersonRef): Promise<string> {
    return this.dealings.qr(person);
  }

  scanned(person: PersonRef, text: string): void {
    this.dealings.scanned(person, text);
  }

  block(person: PersonRef): void {
    this.dealings.block(person);
  }

  remove(person: PersonRef, changeLink: boolean): void {
    const change = changeLink && this.readiness.changeable;
    this.dealings.remove(person, change, (device) => this.moderation.expel(device));
  }

  async forgetDevice(): Promise<void> {
    await this.readiness.forgetDevice();
    this.part.options.remember = false;
  }

  readonly build = () => pageBuild();

  known(): Promise<KnownPerson[]> {
    return this.readiness.known();
  }

  forgetPerson(identity: string): Promise<void> {
    return this.readiness.forgetPerson(identity);
  }

  setMicrophone(on: boolean): Promise<void> {
    return this.part.setMicrophone(on);
  }

  setCamera(on: boolean): Promise<void> {
    return this.part.setCamera(on);
  }

  setScreen(on: boolean): Promise<void> {
    return this.part.setScreen(on);
  }

  async resumeAfterReload(): Promise<boolean> {
    const participation = this.passage.arrive();
    if (!participation || (await this.prepare())) return false;
    const { replaces, hand, ...options } = participation;
    this.stay.resume(replaces);
    this.part.hold(hand);
    await this.join(options);
    return true;
  }

  /** The engine is lost: nothing is sealed or opens any more. */
  private get broken(): boolean {
    return this.readiness.trouble !== null;
  }

  private makeSession(turns: Pick<SessionEvents, 'lost' | 'resumed' | 'ended'>): Session | null {
    const { api } = this;
    const { engine } = this.readiness;
    if (!engine || !api) return null;
    const cannot = unplayable();
    const session: Session = new Session({
      engine,
      api,
      codec: this.part.options.codec ?? this.queryCodec ?? 'vp8',
      unplayable: cannot,
      signalling: (events) => new Signalling(signalURL(this.origin), events, dial, timers),
      connection: (relays) => new RTCPeerConnection(peerConfiguration(api, relays)),
      profile: () => this.profile(cannot),
      order: this.moderation,
      terms: this.terms,
      viewport: this.viewport,
      keys: this.keys,
      events: {
        ...turns,
        heard: (heard) => this.sealed.heard(heard),
        reached: (device) => this.sealed.reached(device),
        verification: (told) => this.dealings.told(session, told),
        left: (device) => {
          this.dealings.left(device);
          this.sealed.left(device);
        },
        removed: () => this.removed(),
        secretChanged: (sealed, by) =>
          this.secretChanged(sealed, by === null ? '' : session.people.name(by) || 'Participant'),
        changed: () => this.render(),
        noTransform: () => this.refuseTransform(),
      },
    });
    return session;
  }

  private profile(cannot: VideoCodec[]): Profile {
    return this.part.profile({
      ...(this.stage.weak ? { weak: true } : {}),
      recording: this.recording.on.value,
      ...(cannot.length > 0 ? { unplayable: cannot } : {}),
    });
  }

  /** What is said and ordered goes through this session, or through none. */
  private handTo(session: Session | null): void {
    this.sealed.speakThrough(session);
    this.moderation.standOn(session);
  }

  private entered(joined: Session | null): void {
    if (joined) this.stage.begin(() => joined.publisher.stats());
    this.vigil.begin();
    this.render();
    if (joined && !this.broken) void this.media.publishIn(joined.publisher);
  }

  private ended(problem: Problem): boolean {
    this.handTo(null);
    this.dealings.clear();
    void this.media.publishIn(null);
    return problem.code === 'called_back' && this.back();
  }

  /** Nothing of a stay that is over is shown, sent or kept. */
  private clear(): void {
    this.vigil.end();
    this.media.stop();
    this.scene.clear();
    this.sealed.end();
    this.stage.clear();
    this.moderation.standOn(null);
    this.dealings.clear();
    this.part.hold(0);
    this.pin(null);
  }

  /** The worker is gone: nothing of ours leaves any more, and the tile says so. Reloading comes back. */
  private engineFailed(problem: Problem): void {
    this.media.forbid();
    this.stay.tell(problem);
    if (this.phase.value === 'connecting') this.stay.fail(problem);
    else this.render();
  }

  private refuseTransform(): void {
    this.scene.noTransform = true;
    this.media.forbid();
    this.stay.tell({ code: 'no_transform', message: 'This browser refused to seal media, so nothing is sent.' });
    this.render();
  }

  /** Leaves at once, so that nobody sees a ghost, and remembers how to come back if this is a reload. */
  private pageGoes(): void {
    if (!this.stay.present) return;
    const { session, replaces } = this.stay;
    this.passage.keep(this.part.participation(session?.resumeToken ?? replaces, this.broken));
    session?.leaveNow();
  }

  private moveTo(place: Elsewhere): void {
    this.vigil.end(); // nobody goes by mistake
    this.passage.moveTo(place, this.part.participation(null, this.broken), () => this.leaveForGood());
  }

  /** Goes on in the main room; false where this one is of none. */
  private back(): boolean {
    return this.passage.back(this.part.participation(null, this.broken), () => this.leaveForGood());
  }

  /** Leaves a breakout room for another page, and keeps nothing of it. */
  private leaveForGood(): Promise<void> {
    this.stay.stop();
    this.phase.value = 'connecting';
    this.readiness.putAway();
    this.notes.forget();
    return this.stay.gone;
  }

  /** Coming back by itself would only ask for the same again: that is for a person to decide. */
  private removed(): void {
    this.stay.fail({
      code: 'removed',
      message: 'You were removed from the meeting.',
      hint: 'If it was a mistake, ask for the link: the one you have may open nothing any more.',
    });
  }

  private secretChanged(sealed: string, by: string): void {
    this.readiness.secretChanged(sealed);
    void this.breakouts.linkChanged();
    this.linkChanged.value = { times: this.linkChanged.value.times + 1, by };
  }

  private mediaChanged(): void {
    this.stay.session?.introduce();
    this.captions.listenTo(this.media.track('mic'));
    this.render();
  }

  private render(): void {
    const { session } = this.stay;
    if (!session?.self) return;
    const { weak } = this.stage;
    const { name, handRaised: hand } = this.part;
    const ours = { self: session.self, name, hand, weak, recording: this.recording.on.value, media: this.media };
    this.scene.render(session, ours, this.broken);
    this.stage.look(this.tiles.value);
  }
}
