// Breakout rooms: each a room of its own beside this one, with its own call and keys. Their secrets are drawn by the
// moderator's worker and go, sealed, to each who is sent there; the server sees rooms with names like this one's, and who
// enters them. Going there is opening another link: the page is loaded anew, and joins as one took part here. Whoever was
// sent there can be reached by the one who sent them (breakout_word.ts): to be moved, or told that the main link changed.
import { type ReadonlySignal, signal } from '@preact/signals';
import { isWordKey, newWordKey, openWord, sealWord, type Word } from './breakout_word.ts';
import { moderates, type Role } from './moderation.ts';
import type { Notebook } from './notes.ts';
import { cleanLine } from './said.ts';
import type { Said, Sealed } from './sealed.ts';
import type { PersonRef, Problem } from './view.ts';

const BREAKOUT_KIND = 'grotto.breakout';
const MARK = '--'; // between a room's name and that of a breakout room of it; the server knows it too
const SUFFIX = 6;
const LETTERS = 'bcdfghjkmnpqrstvwxyz23456789';
const SLUG_LIMIT = 64;
const NAME_LIMIT = 32;
const SECRET = /^[A-Za-z0-9_-]{22}$/;
const MAIN_SECRET = /^[A-Za-z0-9_-]{22,128}$/; // may be words
const SLUG = /^[a-z0-9-]{3,64}$/;
export const MOST_ROOMS = 20;

export interface BreakoutRoom {
  name: string;
  /** The whole link, for the moderator to look in. */
  url: string;
  /** Who was sent there. */
  people: SentView[];
}

export interface SentView extends PersonRef {
  id: string;
  name: string;
}

export interface Invitation {
  by: string;
  name: string;
}

/** The room that a breakout room belongs to. */
export interface MainRoom {
  slug: string;
  /** What the breakout room is called. */
  name: string;
}

export interface BreakoutsView {
  /** False where there is no link to make rooms beside. */
  readonly possible: boolean;
  /** Those that we opened. */
  readonly rooms: ReadonlySignal<BreakoutRoom[]>;
  /** A moderator sends us somewhere. */
  readonly invitation: ReadonlySignal<Invitation | null>;
  /** Where this room is one of another. */
  readonly main: MainRoom | null;
  /** Opens a room for each group and sends them there. */
  open(groups: PersonRef[][]): Promise<void>;
  /** Opens one more, for nobody yet. */
  add(): Promise<void>;
  /** Sends somebody who is here to an open room, by its name. */
  send(person: PersonRef, room: string): void;
  /** Sends somebody who was sent before to another room, or back here: null. */
  move(id: string, room: string | null): Promise<void>;
  /** Calls everybody back. */
  close(): void;
  accept(): void;
  decline(): void;
  /** Back to the main room. */
  back(): void;
}

/** A breakout room to go to. */
export interface Elsewhere {
  slug: string;
  secret: string;
  name: string;
}

interface Place extends Elsewhere {
  key: string | null; // of words to us there
  by: string;
}

/** Somebody who was sent: who they were here, and the key of words to them. */
interface Sent {
  id: string;
  name: string;
  person: PersonRef;
  key: string;
}

interface Room extends Elsewhere {
  people: Sent[];
}

/** Over a reload: the rooms we opened, or how we are reached in one. */
interface Kept {
  rooms?: Room[];
  sent?: { key: string; by: string; n: number };
}

interface Owner {
  readonly slug: string;
  readonly origin: string;
  readonly main: MainRoom | null;
  readonly possible: boolean;
  roleOf(person: PersonRef): Role;
  newSecret(): Promise<string>;
  /** This room's, from the worker. */
  secret(): Promise<string>;
  /** Keeps something for the page of another room. */
  ahead(slug: string, kept: object): Promise<void>;
  /** Goes on in another room; its secret stands in the address until the worker has it, as in any link. */
  moveTo(place: Elsewhere): void;
  back(): void;
  endBreakouts(): void;
  tellBreakout(room: string, body: string): void;
  /** The main room has another secret. */
  mainChanged(secret: string): Promise<void>;
  problem(problem: Problem): void;
}

export class Breakouts implements BreakoutsView {
  readonly rooms = signal<BreakoutRoom[]>([]);
  readonly invitation = signal<Invitation | null>(null);
  private readonly sealed: Sealed;
  private readonly owner: Owner;
  private readonly keep: (kept: Kept | null) => void;
  private opened: Room[] = [];
  private place: Place | null = null;
  private sent: Kept['sent'];
  private n = 0;
  private turn: Promise<void> = Promise.resolve(); // words are taken in one after the other

  constructor(sealed: Sealed, owner: Owner, notes: Notebook) {
    this.sealed = sealed;
    this.owner = owner;
    this.keep = notes.entry('breakouts', (kept) => this.restore(kept as Kept));
    sealed.hear(BREAKOUT_KIND, { way: 'one', perSecond: 1 }, (said) => this.invited(said));
    sealed.onEnd(() => this.clear());
  }

  get possible(): boolean {
    return this.owner.possible && this.owner.main === null && base(this.owner.slug).length + SUFFIX <= SLUG_LIMIT;
  }

  get main(): MainRoom | null {
    return this.owner.main;
  }

  async open(groups: PersonRef[][]): Promise<void> {
    this.opened = [];
    for (const group of groups.slice(0, MOST_ROOMS)) {
      const room = await this.make();
      for (const person of group) this.invite(person, room);
    }
    this.show();
  }

  async add(): Promise<void> {
    if (this.opened.length >= MOST_ROOMS) return;
    await this.make();
    this.show();
  }

  send(person: PersonRef, name: string): void {
    const room = this.opened.find((room) => room.name === name);
    if (room) this.invite(person, room);
    this.show();
  }

  async move(id: string, name: string | null): Promise<void> {
    const from = this.opened.find(({ people }) => people.some((sent) => sent.id === id));
    const sent = from?.people.find((sent) => sent.id === id);
    const to = this.opened.find((room) => room.name === name);
    if (!from || !sent || from === to) return;
    if (this.sealed.find(sent.person)) {
      // Asked, and not gone yet.
      if (to) this.invite(sent.person, to);
    } else if (to) {
      const key = newWordKey();
      await this.tell(from, sent, { room: to.slug, secret: to.secret, name: to.name, key });
      from.people = from.people.filter((other) => other !== sent);
      to.people.push({ ...sent, key });
    } else {
      await this.tell(from, sent, { back: true });
    }
    if (!to) from.people = from.people.filter((other) => other !== sent);
    this.show();
  }

  close(): void {
    this.opened = [];
    this.show();
    this.owner.endBreakouts();
  }

  async accept(): Promise<void> {
    const { place } = this;
    this.decline();
    if (!place) return;
    const { key, by, ...elsewhere } = place;
    if (key) await this.owner.ahead(place.slug, { breakouts: { sent: { key, by, n: 0 } } });
    this.owner.moveTo(elsewhere);
  }

  decline(): void {
    this.place = null;
    this.invitation.value = null;
  }

  back(): void {
    this.owner.back();
  }

  /** This room has another secret: those who were sent away could not come back with the old one. */
  async linkChanged(): Promise<void> {
    if (this.opened.every(({ people }) => people.length === 0)) return;
    const main = await this.owner.secret();
    for (const room of this.opened) for (const sent of room.people) await this.tell(room, sent, { main });
  }

  /** A word from the main room. */
  heardFromMain(body: string): void {
    this.turn = this.turn.then(() => this.hear(body));
  }

  private async hear(body: string): Promise<void> {
    const { main, slug } = this.owner;
    if (!main || !this.sent) return;
    const { key, by, n: after } = this.sent;
    const heard = await openWord(key, slug, after, body);
    if (!heard) return;
    this.sent = { key, by, n: heard.n };
    this.keep({ sent: this.sent });
    const { word } = heard;
    if (word.back === true) this.owner.back();
    else if (typeof word.main === 'string' && MAIN_SECRET.test(word.main)) await this.owner.mainChanged(word.main);
    else this.offer(word, main.slug, by);
  }

  private clear(): void {
    this.opened = [];
    this.rooms.value = [];
    this.sent = undefined;
    this.decline();
  }

  private restore({ rooms, sent }: Kept): void {
    this.opened = rooms ?? [];
    this.sent = sent;
    this.list();
  }

  private show(): void {
    this.list();
    this.keep(this.opened.length > 0 ? { rooms: this.opened } : null);
  }

  private list(): void {
    this.rooms.value = this.opened.map(({ name, slug, secret, people }) => ({
      name,
      url: `${this.owner.origin}/r/${slug}#${secret}`,
      people: people.map(({ id, name, person }) => ({ id, name, ...person })),
    }));
  }

  private async make(): Promise<Room> {
    const secret = await this.owner.newSecret();
    const room = { name: `${this.opened.length + 1}`, slug: breakoutSlug(this.owner.slug), secret, people: [] };
    this.opened.push(room);
    return room;
  }

  /** Asks somebody who is here; who was asked into another room is asked into this one. */
  private invite(person: PersonRef, room: Room): void {
    const key = newWordKey();
    try {
      const device = this.sealed.toOne(
        BREAKOUT_KIND,
        { room: room.slug, secret: room.secret, name: room.name, key },
        person,
      );
      for (const other of this.opened) other.people = other.people.filter((sent) => !same(sent.person, person));
      room.people.push({ id: crypto.randomUUID(), name: this.sealed.nameOf(device), person, key });
    } catch (error) {
      this.owner.problem({ code: 'not_moderated', message: (error as Error).message });
    }
  }

  private async tell(room: Room, { key }: Sent, word: Word): Promise<void> {
    this.n = Math.max(Date.now(), this.n + 1);
    this.owner.tellBreakout(room.slug, await sealWord(key, room.slug, this.n, word));
  }

  /** Only a moderator sends anybody away, and only into rooms beside this one. */
  private invited({ from, name, body }: Said): void {
    if (moderates(this.owner.roleOf(from))) this.offer(body, this.owner.slug, name);
  }

  private offer({ room, secret, name, key }: Record<string, unknown>, main: string, by: string): void {
    if (typeof room !== 'string' || typeof secret !== 'string' || typeof name !== 'string') return;
    if (!belongsTo(room, main) || !SECRET.test(secret)) return;
    this.place = { slug: room, secret, name: cleanLine(name, NAME_LIMIT), key: isWordKey(key) ? key : null, by };
    this.invitation.value = { by, name: this.place.name };
  }
}

/** The name of a new breakout room. */
export function breakoutSlug(main: string): string {
  const letter = () => LETTERS[(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % LETTERS.length];
  return base(main) + Array.from({ length: SUFFIX }, letter).join('');
}

export function belongsTo(room: string, main: string): boolean {
  return SLUG.test(room) && room.startsWith(base(main)) && room.length === base(main).length + SUFFIX;
}

function base(main: string): string {
  return main + MARK;
}

function same(a: PersonRef, b: PersonRef): boolean {
  return a.user === b.user && a.device === b.device;
}
