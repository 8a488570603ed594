// Breakout rooms: each a room of its own beside this one, with its own call and keys. Their secrets are drawn by the
// moderator's worker and go, sealed, to each who is sent there; the server sees rooms with names like this one's, and who
// enters them. Going there is opening another link: the page is loaded anew, and joins as one took part here.
import { type ReadonlySignal, signal } from '@preact/signals';
import { moderates, type Role } from './moderation.ts';
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
const SLUG = /^[a-z0-9-]{3,64}$/;
export const MOST_ROOMS = 20;

export interface BreakoutRoom {
  name: string;
  /** The whole link, for the moderator to look in. */
  url: string;
  /** Who was sent there, by name. */
  people: string[];
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
  /** Calls everybody back. */
  close(): void;
  accept(): void;
  decline(): void;
  /** Back to the main room. */
  back(): void;
}

interface Owner {
  readonly slug: string;
  readonly origin: string;
  readonly main: MainRoom | null;
  readonly possible: boolean;
  roleOf(person: PersonRef): Role;
  newSecret(): Promise<string>;
  /** Goes on in another room; its secret stands in the address until the worker has it, as in any link. */
  moveTo(place: { slug: string; secret: string; name: string }): void;
  back(): void;
  endBreakouts(): void;
  problem(problem: Problem): void;
}

export class Breakouts implements BreakoutsView {
  readonly rooms = signal<BreakoutRoom[]>([]);
  readonly invitation = signal<Invitation | null>(null);
  private readonly sealed: Sealed;
  private readonly owner: Owner;
  private place: { slug: string; secret: string; name: string } | null = null;

  constructor(sealed: Sealed, owner: Owner) {
    this.sealed = sealed;
    this.owner = owner;
    sealed.hear(BREAKOUT_KIND, { way: 'one', perSecond: 1 }, (said) => this.sent(said));
    sealed.onEnd(() => this.clear());
  }

  get possible(): boolean {
    return this.owner.possible && this.owner.main === null && base(this.owner.slug).length + SUFFIX <= SLUG_LIMIT;
  }

  get main(): MainRoom | null {
    return this.owner.main;
  }

  async open(groups: PersonRef[][]): Promise<void> {
    const opened: BreakoutRoom[] = [];
    for (const [index, group] of groups.slice(0, MOST_ROOMS).entries()) {
      const name = `${index + 1}`;
      const secret = await this.owner.newSecret();
      const room = breakoutSlug(this.owner.slug);
      const people = group.filter((person) => this.send(person, { room, secret, name }));
      const names = people.map((person) => this.nameOf(person));
      opened.push({ name, url: `${this.owner.origin}/r/${room}#${secret}`, people: names });
    }
    this.rooms.value = opened;
  }

  close(): void {
    this.rooms.value = [];
    this.owner.endBreakouts();
  }

  accept(): void {
    const { place } = this;
    this.decline();
    if (place) this.owner.moveTo(place);
  }

  decline(): void {
    this.place = null;
    this.invitation.value = null;
  }

  back(): void {
    this.owner.back();
  }

  private clear(): void {
    this.rooms.value = [];
    this.decline();
  }

  private nameOf(person: PersonRef): string {
    const device = this.sealed.find(person);
    return device ? this.sealed.nameOf(device) : '';
  }

  private send(person: PersonRef, place: { room: string; secret: string; name: string }): boolean {
    try {
      this.sealed.toOne(BREAKOUT_KIND, place, person);
      return true;
    } catch (error) {
      this.owner.problem({ code: 'not_moderated', message: (error as Error).message });
      return false;
    }
  }

  /** Only a moderator sends anybody away, and only into rooms beside this one. */
  private sent({ from, name: by, body }: Said): void {
    const { room, secret, name } = body;
    if (!moderates(this.owner.roleOf(from)) || typeof room !== 'string' || typeof secret !== 'string') return;
    if (!belongsTo(room, this.owner.slug) || !SECRET.test(secret) || typeof name !== 'string') return;
    this.place = { slug: room, secret, name: cleanLine(name, NAME_LIMIT) };
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
