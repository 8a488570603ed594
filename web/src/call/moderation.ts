// Who may do what, and what moderators do. Roles, the lock, the waiting room and the end of a call are the server's: it
// enforces them, and its word is enough, for it can refuse service anyway. What moderators ask of a person goes sealed, and
// is obeyed by that person's page. Keys know no roles: whoever is here can take somebody out of everybody's keys.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Device, Joined, Member } from '../wire.ts';
import { sameDevice } from './people.ts';
import { cleanName } from './profile.ts';
import type { Notice, Request } from './requests.ts';
import type { Said, Sealed } from './sealed.ts';
import type { PersonRef, Problem } from './view.ts';

const ASK_KIND = 'grotto.ask';
const ASKS_PER_SECOND = 2; // of one moderator

export type Role = 'owner' | 'moderator' | 'participant' | 'viewer';
export type Switchable = 'mic' | 'camera' | 'screen';

/** Somebody who waits to be let in. */
export interface KnockView {
  id: number;
  /** As they call themselves; null where it does not open: they have another link. */
  name: string | null;
}

/** What a moderator, or who runs the server, did to us, told in passing. */
export interface DoneToUs {
  id: number;
  what: Switchable | Role;
  /** Null: who runs the server. */
  by: string | null;
}

/** Who may do what here, and what one may do about it oneself. What can fail throws or sets problem. */
export interface ModerationView {
  /** Our own. */
  readonly role: ReadonlySignal<Role>;
  readonly room: ReadonlySignal<{ locked: boolean; waitingRoom: boolean }>;
  /** Who waits to be let in; moderators know. */
  readonly knocks: ReadonlySignal<KnockView[]>;
  /** We wait to be let in. */
  readonly waiting: ReadonlySignal<boolean>;
  readonly done: ReadonlySignal<DoneToUs | null>;
  roleOf(person: PersonRef): Role;
  /** Whether we may change this person's role, or send them away. */
  above(person: PersonRef): boolean;
  /** Whether somebody else could go on moderating. */
  replaceable(): boolean;
  admit(knock: number, admit: boolean): void;
  setLocked(on: boolean): void;
  setWaitingRoom(on: boolean): void;
  setRole(person: PersonRef, role: Role): void;
  /** Has somebody's page switch something off. Nobody can switch anything on. */
  switchOff(person: PersonRef, what: Switchable): void;
  /** Likewise, of everybody but moderators. */
  switchAllOff(what: Switchable): void;
  endForEveryone(): void;
}

export type OrderRequest = Extract<
  Request,
  { type: 'admit' | 'set_room' | 'set_role' | 'expel' | 'end_call' | 'tell_breakout' }
>;
export type OrderNotice = Extract<
  Notice,
  { type: 'room_state' | 'knocks' | 'role' | 'from_main' | 'switch_off' | 'stopping' }
>;

/** Of a session, what moderating takes. */
export interface Floor {
  readonly self: Device | null;
  order(request: OrderRequest): Promise<void>;
  openKnock(knock: { user: string; device: string; body: string }): Promise<string | null>;
}

interface Owner {
  /** Switches something of ours off; false if it was off. */
  switchOff(what: Switchable): boolean;
  /** We are in a breakout room, and a moderator of the main room has a word for somebody here. */
  heardFromMain(body: string): void;
  problem(problem: Problem): void;
}

const RANKS: Record<Role, number> = { owner: 3, moderator: 2, participant: 1, viewer: 0 };

export function moderates(role: Role): boolean {
  return RANKS[role] >= RANKS.moderator;
}

export class Moderation implements ModerationView {
  readonly role = signal<Role>('participant');
  readonly room = signal({ locked: false, waitingRoom: false });
  readonly knocks = signal<KnockView[]>([]);
  readonly waiting = signal(false);
  readonly done = signal<DoneToUs | null>(null);
  private readonly members = signal<readonly { device: Device; role: Role }[]>([]);
  private readonly sealed: Sealed;
  private readonly owner: Owner;
  private floor: Floor | null = null;
  private lists = 0; // of those who knock: an older one is not shown over a newer

  constructor(sealed: Sealed, owner: Owner) {
    this.sealed = sealed;
    this.owner = owner;
    sealed.hear(ASK_KIND, { way: 'both', perSecond: ASKS_PER_SECOND }, (said) => this.asked(said));
  }

  /** A session begins or ends. */
  standOn(floor: Floor | null): void {
    this.floor = floor;
    this.members.value = [];
    this.knocks.value = [];
    this.waiting.value = false;
  }

  waits(): void {
    this.waiting.value = true;
  }

  /** The call was entered. */
  entered(joined: Joined): void {
    this.waiting.value = false;
    this.room.value = { locked: joined.locked, waitingRoom: joined.waiting_room };
    this.roster([], joined.members);
  }

  roster(left: Device[], joined: Member[]): void {
    const stay = this.members.value.filter(({ device }) => !left.some((gone) => sameDevice(gone, device)));
    const come = joined.map(({ user, device, join_id, role = 'participant' }) => ({
      device: { user, device, join_id },
      role,
    }));
    this.members.value = [...stay.filter(({ device }) => !come.some((c) => sameDevice(c.device, device))), ...come];
    this.lookAtOwn(null);
  }

  ordered(notice: OrderNotice): void {
    switch (notice.type) {
      case 'room_state':
        this.room.value = { locked: notice.locked, waitingRoom: notice.waiting_room };
        return;
      case 'role':
        this.members.value = this.members.value.map((member) =>
          sameDevice(member.device, notice.device) ? { ...member, role: notice.role } : member,
        );
        return this.lookAtOwn(notice.role);
      case 'knocks':
        return void this.listKnocks(notice.waiting);
      case 'from_main':
        return this.owner.heardFromMain(notice.body);
      case 'switch_off':
        if (this.owner.switchOff(notice.source)) this.tell(notice.source, null);
        return;
      case 'stopping':
        return this.owner.problem({ code: 'server_stops', message: 'This server restarts in a while.' });
    }
  }

  /** A device that everybody was told to give no more keys: the server ends its session, too. */
  expel(device: Device): void {
    if (this.above(device)) this.order({ type: 'expel', device });
  }

  roleOf(person: PersonRef): Role {
    return this.members.value.findLast(({ device }) => same(device, person))?.role ?? 'participant';
  }

  above(person: PersonRef): boolean {
    return moderates(this.role.value) && RANKS[this.roleOf(person)] < RANKS[this.role.value];
  }

  replaceable(): boolean {
    const self = this.floor?.self;
    return this.members.value.some(({ device, role }) => moderates(role) && !(self && sameDevice(device, self)));
  }

  admit(knock: number, admit: boolean): void {
    this.order({ type: 'admit', knock, admit });
  }

  setLocked(locked: boolean): void {
    this.order({ type: 'set_room', locked, waiting_room: this.room.value.waitingRoom });
  }

  setWaitingRoom(on: boolean): void {
    this.order({ type: 'set_room', locked: this.room.value.locked, waiting_room: on });
  }

  setRole(person: PersonRef, role: Role): void {
    const member = this.members.value.findLast(({ device }) => same(device, person));
    if (member) this.order({ type: 'set_role', device: member.device, role });
  }

  switchOff(person: PersonRef, what: Switchable): void {
    this.try(() => this.sealed.toOne(ASK_KIND, { off: what }, person));
  }

  switchAllOff(what: Switchable): void {
    this.try(() => this.sealed.toAll(ASK_KIND, { off: what }));
  }

  endForEveryone(): void {
    this.order({ type: 'end_call' });
  }

  /** The rooms that belong to this one are over; who is there comes back. */
  endBreakouts(): void {
    this.order({ type: 'end_call', breakouts: true });
  }

  /** Tells those in a breakout room something sealed. */
  tellBreakout(room: string, body: string): void {
    this.order({ type: 'tell_breakout', room, body });
  }

  /** Only a moderator is obeyed, and what is meant for all is not for moderators. */
  private asked({ from, name, body, only }: Said): void {
    const what = body.off;
    if (what !== 'mic' && what !== 'camera' && what !== 'screen') return;
    if (!moderates(this.roleOf(from)) || (!only && moderates(this.role.value))) return;
    if (this.owner.switchOff(what)) this.tell(what, name);
  }

  /** Our own role may be another one. Told only where somebody changed it. */
  private lookAtOwn(changed: Role | null): void {
    const self = this.floor?.self;
    const own = self && this.members.value.find(({ device }) => sameDevice(device, self))?.role;
    if (!own || own === this.role.value) return;
    this.role.value = own;
    if (!moderates(own)) this.knocks.value = [];
    if (own === 'viewer') for (const what of ['mic', 'camera', 'screen'] as const) this.owner.switchOff(what);
    if (changed) this.tell(own, '');
  }

  private async listKnocks(waiting: { knock: number; user: string; device: string; body?: string }[]): Promise<void> {
    const list = ++this.lists;
    const { floor } = this;
    const open = async ({ knock, user, device, body = '' }: (typeof waiting)[number]): Promise<KnockView> => {
      const name = body ? await floor?.openKnock({ user, device, body }).catch(() => null) : null;
      return { id: knock, name: name ? cleanName(name) || null : null };
    };
    const knocks = await Promise.all(waiting.map(open));
    if (list === this.lists && floor === this.floor) this.knocks.value = knocks;
  }

  private tell(what: Switchable | Role, by: string | null): void {
    this.done.value = { id: (this.done.value?.id ?? 0) + 1, what, by };
  }

  private order(request: OrderRequest): void {
    const refused = (error: unknown) => this.refused(error as Error);
    this.floor?.order(request).catch(refused);
  }

  private try(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.refused(error as Error);
    }
  }

  private refused(error: Error): void {
    this.owner.problem({ code: 'not_moderated', message: error.message });
  }
}

function same(device: Device, { user, device: id }: PersonRef): boolean {
  return device.user === user && device.device === id;
}
