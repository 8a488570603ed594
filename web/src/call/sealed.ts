// What features say to each other, sealed: to everybody in a data frame, to one by Olm. `Sealed` is the one door. A feature
// registers for its kinds once, for as long as the page is open, and knows nothing of sessions, which come and go below:
//
//   sealed.hear('grotto.poll', { way: 'all' }, ({ from, name, body }) => ...);
//   sealed.toAll('grotto.poll', { ... });
//
// Bodies are small JSON objects. What comes in is bounded here, in size and rate of each sender; what its fields hold the
// feature checks and cleans itself (said.ts). Whoever cannot hear what they should know (a newcomer, everybody after a
// lost session) is named by `onReached`. Nobody hears us before `onReached` named them.
import type { Device } from '../wire.ts';
import type { PageEffect } from '../worker/messages.ts';
import type { People } from './people.ts';
import { bytesOfSaid, decodeSaid, encodeSaid, SayError } from './said.ts';
import type { PersonRef } from './view.ts';

const TO_ALL_LIMIT = 32 << 10; // bytes of a body, as the engine takes them
const TO_ONE_LIMIT = 8 << 10;
const HEARD_LIMIT = 8 << 10; // bytes of a body, where a feature says nothing else
const PER_SECOND = 10; // of one sender and kind, likewise
const AT_ONCE = 4; // seconds' worth that may come together

/** Something that somebody else said. */
export interface Said {
  from: Device;
  /** What they go by here. */
  name: string;
  body: Record<string, unknown>;
  /** To us alone. */
  only: boolean;
}

export interface Hearing {
  /** Said to all, to one, or either: what comes another way is not heard. */
  way: 'all' | 'one' | 'both';
  /** Bytes of a body at most. */
  limit?: number;
  /** How many a second of one sender; more are dropped. */
  perSecond?: number;
}

/** Of a session, what talking takes. */
export interface Voice {
  readonly self: Device | null;
  readonly people: Pick<People, 'find' | 'name' | 'reaches'>;
  sayToAll(kind: string, body: string, relay?: Device[]): void;
  sayTo(kind: string, body: string, to: Device): void;
}

interface Owner {
  /** In the call, with an engine that works. */
  ready(): boolean;
  /** What we go by. */
  name(): string;
  now(): number; // ms
  /** Whether the room has what this is for, said to all or to one; it has everything where this is left out. */
  allows?(kind: string, only: boolean): boolean;
}

interface Heard extends Hearing {
  act: (said: Said) => void;
  buckets: Map<string, { level: number; at: number }>; // by sender; of one session
}

export class Sealed {
  private readonly owner: Owner;
  private readonly kinds = new Map<string, Heard>();
  private readonly reaching: ((device: Device) => void)[] = [];
  private readonly leaving: ((device: Device) => void)[] = [];
  private readonly ending: (() => void)[] = [];
  private voice: Voice | null = null;

  constructor(owner: Owner) {
    this.owner = owner;
  }

  /** Registers a feature for a kind: 1 to 64 of `a-z0-9._`. */
  hear(kind: string, hearing: Hearing, act: (said: Said) => void): void {
    if (this.kinds.has(kind)) throw new Error(`${kind} is heard already`);
    this.kinds.set(kind, { ...hearing, act, buckets: new Map() });
  }

  /** Called for each device that has become able to hear us. */
  onReached(act: (device: Device) => void): void {
    this.reaching.push(act);
  }

  onLeft(act: (device: Device) => void): void {
    this.leaving.push(act);
  }

  /** Called when one has left the call: what was said in it is forgotten. Not between two sessions of one call. */
  onEnd(act: () => void): void {
    this.ending.push(act);
  }

  /** Who we are in this session, null between two. */
  get self(): Device | null {
    return this.voice?.self ?? null;
  }

  get ownName(): string {
    return this.owner.name();
  }

  /** What somebody who is here goes by; '' for one who is not. */
  nameOf(device: Device): string {
    return this.voice?.people.name(device) ?? '';
  }

  /** The device of somebody who is here. */
  find(person: PersonRef): Device | null {
    return this.voice?.people.find(person) ?? null;
  }

  /**
   * Throws a SayError where it cannot go out now. `relay` names those who need it, where the lines of the others are to be
   * spared; they could open it all the same.
   */
  toAll(kind: string, said: object, relay?: Device[]): void {
    this.open(kind, false).sayToAll(kind, bounded(said, TO_ALL_LIMIT), relay);
  }

  /** Says it to one, and answers to which device. Throws a SayError where it cannot go out now. */
  toOne(kind: string, said: object, person: PersonRef): Device {
    const voice = this.open(kind, true);
    const device = voice.people.find(person);
    if (!device) throw new SayError('gone', 'This person has left.');
    if (!voice.people.reaches(device)) throw new SayError('gone', 'This person cannot be written to now.');
    voice.sayTo(kind, bounded(said, TO_ONE_LIMIT), device);
    return device;
  }

  /** A session begins or ends. */
  speakThrough(voice: Voice | null): void {
    this.voice = voice;
    for (const { buckets } of this.kinds.values()) buckets.clear();
  }

  end(): void {
    this.speakThrough(null);
    for (const act of this.ending) act();
  }

  reached(device: Device): void {
    for (const act of this.reaching) act(device);
  }

  left(device: Device): void {
    for (const act of this.leaving) act(device);
  }

  /** Takes what the engine heard. Kinds that nobody registered for are those of later versions. */
  heard({ from, kind, body, private: only = false }: Extract<PageEffect, { type: 'heard' }>): void {
    const heard = this.kinds.get(kind);
    if (this.owner.allows?.(kind, only) === false) return;
    if (!heard || (heard.way !== 'both' && (heard.way === 'one') !== only)) return;
    if (bytesOfSaid(body) > (heard.limit ?? HEARD_LIMIT) || !this.allowed(heard, from)) return;
    const said = decodeSaid(body);
    if (said) heard.act({ from, name: this.nameOf(from), body: said, only });
  }

  private open(kind: string, only: boolean): Voice {
    if (this.owner.allows?.(kind, only) === false) throw new SayError('off', 'This is switched off in this meeting.');
    if (!this.voice?.self || !this.owner.ready()) {
      throw new SayError('offline', 'Not sent: there is no connection now.');
    }
    return this.voice;
  }

  private allowed({ perSecond = PER_SECOND, buckets }: Heard, { user, device }: Device): boolean {
    const now = this.owner.now();
    const most = perSecond * AT_ONCE;
    const { level, at } = buckets.get(`${user}|${device}`) ?? { level: most, at: now };
    const left = Math.min(most, level + ((now - at) / 1000) * perSecond);
    buckets.set(`${user}|${device}`, { level: left < 1 ? left : left - 1, at: now });
    return left >= 1;
  }
}

function bounded(said: object, limit: number): string {
  const body = encodeSaid(said);
  if (bytesOfSaid(body) > limit) throw new SayError('long', `This is too long: it would be more than ${limit} bytes.`);
  return body;
}
