// One stay in a room: hello, the engine's announcement, join; then it carries messages between server and engine until
// it ends. A session outlives its sockets, not its end: whoever comes back later does so in a new one, with new keys.
import type { Device } from '../wire.ts';
import type { PageEffect, PageEvent, VerifyStep } from '../worker/messages.ts';
import { assertNever } from '../worker/messages.ts';
import { Asked } from './asked.ts';
import { letIn } from './entrance.ts';
import { Errands, refusal } from './errands.ts';
import { Introduction } from './introduction.ts';
import { Letters } from './letters.ts';
import { MediaLines } from './media_lines.ts';
import type { Floor, OrderRequest } from './moderation.ts';
import type { Stat } from './numbers.ts';
import { deviceKey, People, sameDevice } from './people.ts';
import { cleanName, decodeProfile, encodeProfile, PROFILE_KIND } from './profile.ts';
import { NoTransformError, type Publisher } from './publish.ts';
import type { Notice } from './requests.ts';
import { Sealing } from './sealing.ts';
import type { SessionParts } from './session_parts.ts';
import { Showing } from './showing.ts';
import type { Signalling } from './signalling.ts';
import { Speaking } from './speaking.ts';
import { soundKey } from './stage.ts';
import type { Problem, TileView } from './view.ts';

const GOODBYE_MS = 300; // leaving does not wait longer for the engine's last words

type Heard = Extract<PageEffect, { type: 'heard' }>;

export class Session implements Floor {
  private readonly parts: SessionParts;
  private readonly signalling: Signalling;
  private readonly errands: Errands;
  private readonly introduction: Introduction;
  private readonly lines: MediaLines;
  private readonly showing: Showing;
  private readonly speaking: Speaking;
  private readonly sealing = new Sealing();
  private readonly letters: Letters;
  private readonly codes = new Asked<string>();
  private readonly qrTexts = new Asked<string>();
  private over = false;
  private goodbye: Promise<void> = Promise.resolve();
  readonly people: People;
  /** Who one is here, once the server has said so. */
  self: Device | null = null;
  /** Names this session to a later one that takes its place. */
  resumeToken: string | null = null;

  constructor(parts: SessionParts) {
    this.parts = parts;
    this.people = new People(parts.unplayable);
    const { engine, api, codec, events, connection, profile } = parts;
    this.signalling = parts.signalling({
      notice: (message) => this.notice(message),
      lost: (attempts) => events.lost(attempts),
      resumed: () => {
        engine.tell({ type: 'resumed' });
        events.resumed();
      },
      ended: (problem, again, afterMs) => this.end(problem, again, afterMs),
    });
    const { signalling } = this;
    this.errands = new Errands(signalling, engine);
    this.letters = new Letters(parts.keys, this.people, {
      tell: (from, envelope) => this.tell({ type: 'message_received', from, envelope }),
      bySignalling: (messages) => this.errands.run({ type: 'send_messages', messages }),
    });
    this.introduction = new Introduction(() =>
      engine.tell({ type: 'say_to_all', kind: PROFILE_KIND, body: encodeProfile(profile()) }),
    );
    this.lines = new MediaLines({
      engine,
      api,
      codec,
      signalling,
      connection,
      received: (received) => {
        this.people.receive(received);
        this.showing.renew();
        this.look();
        events.changed();
      },
      noTransform: () => events.noTransform(),
      failed: (error) => this.mediaFailed(error),
    });
    this.speaking = new Speaking((devices) => {
      this.people.speak(devices);
      this.look();
      events.changed();
    });
    this.showing = new Showing((videos, silent) => {
      signalling.request({ type: 'show', videos, silent }).catch(refusal);
    });
  }

  get publisher(): Publisher {
    return this.lines.publisher;
  }

  /** Frames come from the encoder, and there is no key to seal them with. */
  get keyless(): boolean {
    return this.sealing.keyless;
  }

  /** Enters the room. Rejects if the session ended before that. */
  async enter(slug: string, replaces: string | null, token = ''): Promise<void> {
    const { engine, order, terms, profile } = this.parts;
    const welcome = await this.signalling.hello(slug, replaces, token);
    this.resumeToken = welcome.resume;
    terms.welcomed(welcome);
    this.lines.relays = welcome.ice_servers.map(({ url, ...login }) => ({ urls: url, ...login }));
    const { room, call, user, device } = welcome;
    const announcement = await engine.open({ room, call, user, device });
    // Not before: until the engine has answered, effects may still be those of an earlier session.
    engine.listen({
      effects: (effects) => this.perform(effects),
      counts: (counts) => this.sealing.count(counts) && this.parts.events.changed(),
    });
    this.self = { user, device, join_id: announcement.join_id };
    this.letters.begin(call, this.self);
    const joined = await letIn(announcement, {
      signalling: this.signalling,
      knock: () => {
        order.waits();
        return engine.sealKnock(cleanName(profile().name));
      },
    });
    order.entered(joined);
    terms.entered(joined);
    const others = joined.members.filter((member) => !this.isSelf(member));
    for (const member of others) this.people.join(member);
    engine.tell({ type: 'roster_changed', left: [], joined: others });
    this.letters.joined(others);
    this.introduce();
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
    this.introduction.renew();
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
  stats(tile: TileView): Promise<Stat[]> {
    return this.lines.stats(tile);
  }

  /** The network is back, or another one: no need to wait until that is noticed. */
  retryNow(): void {
    this.signalling.retryNow();
    this.lines.retryNow();
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
    engine.listen({ effects: (effects) => this.errands.lastWords(effects), counts: () => {} });
    engine.tell({ type: 'leaving' });
    const settled = engine.settled().catch(() => {}); // an engine that is lost says nothing more
    await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, GOODBYE_MS))]);
    this.signalling.leave();
    this.release();
  }

  /** Ends everything but the words to the others and to the server. */
  private stop(): void {
    this.over = true;
    this.letters.end();
    this.lines.rest();
    this.introduction.end();
    this.showing.stop();
    this.speaking.stop();
    const error = new Error('the session is over');
    this.codes.end(error);
    this.qrTexts.end(error);
  }

  /** After the last word: a server whose media connections close ends the session, and hears no more. */
  private release(): void {
    this.lines.close();
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
        this.letters.joined(joined);
        return events.changed();
      }
      case 'key_count':
        return engine.tell({ type: 'key_count', one_time_keys: message.one_time_keys });
      case 'device_message': {
        const { olm, body, sender_key } = message.envelope;
        this.letters.bySignalling(message.from, { olm, body, sender_key });
        return events.changed();
      }
      case 'data':
        return engine.tell({ type: 'data_received', from: message.from, body: message.body });
      case 'proof':
        return engine.tell({ type: 'proof_received', from: message.device, proof: message.proof });
      case 'subscribe_offer':
        return this.lines.offered(message);
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
      case 'from_main':
      case 'switch_off':
      case 'stopping':
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
    const { people } = this;
    const { events } = this.parts;
    switch (effect.type) {
      case 'send_messages':
        return this.letters.send(effect.messages);
      case 'claim_keys':
      case 'upload_keys':
      case 'send_data':
      case 'prove':
        return this.errands.run(effect);
      case 'show':
        if (this.letters.reaches(effect.from) && people.show(effect.from, effect.state)) {
          this.introduction.greet();
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
