/** Moderation without a server: signals one sets, methods that take note. */
import { signal } from '@preact/signals';
import type {
  BreakoutRoom,
  BreakoutsView,
  DoneToUs,
  Invitation,
  KnockView,
  MainRoom,
  ModerationView,
  PersonRef,
  Role,
} from '../../src/call/view.ts';

export class FakeModeration implements ModerationView {
  readonly role = signal<Role>('participant');
  readonly room = signal({ locked: false, waitingRoom: false });
  readonly knocks = signal<KnockView[]>([]);
  readonly waiting = signal(false);
  readonly done = signal<DoneToUs | null>(null);
  readonly roles = new Map<string, Role>(); // by device
  private readonly calls: string[];

  constructor(calls: string[]) {
    this.calls = calls;
  }

  roleOf({ device }: PersonRef): Role {
    return this.roles.get(device) ?? 'participant';
  }

  above(person: PersonRef): boolean {
    return this.role.value === 'moderator' && this.roleOf(person) !== 'moderator';
  }

  replaceable(): boolean {
    return [...this.roles.values()].filter((role) => role === 'moderator').length > 1;
  }

  admit(knock: number, admit: boolean): void {
    this.calls.push(`${admit ? 'admit' : 'refuse'} ${knock}`);
    this.knocks.value = this.knocks.value.filter(({ id }) => id !== knock);
  }

  setLocked(locked: boolean): void {
    this.room.value = { ...this.room.value, locked };
  }

  setWaitingRoom(waitingRoom: boolean): void {
    this.room.value = { ...this.room.value, waitingRoom };
  }

  setRole({ device }: PersonRef, role: Role): void {
    this.calls.push(`role ${device} ${role}`);
  }

  switchOff({ device }: PersonRef, what: string): void {
    this.calls.push(`off ${device} ${what}`);
  }

  switchAllOff(what: string): void {
    this.calls.push(`all off ${what}`);
  }

  endForEveryone(): void {
    this.calls.push('end');
  }
}

export class FakeBreakouts implements BreakoutsView {
  possible = true;
  readonly rooms = signal<BreakoutRoom[]>([]);
  readonly invitation = signal<Invitation | null>(null);
  main: MainRoom | null = null;
  private readonly calls: string[];

  constructor(calls: string[]) {
    this.calls = calls;
  }

  async open(groups: PersonRef[][]): Promise<void> {
    this.rooms.value = groups.map((group, index) => ({
      name: `${index + 1}`,
      url: `/r/amber-otter-hill--room${index}#secret`,
      people: group.map((person) => ({ id: person.device, name: person.device, ...person })),
    }));
  }

  async add(): Promise<void> {
    this.rooms.value = [...this.rooms.value, { name: `${this.rooms.value.length + 1}`, url: '', people: [] }];
  }

  send({ device }: PersonRef, room: string): void {
    this.calls.push(`send ${device} ${room}`);
  }

  async move(id: string, room: string | null): Promise<void> {
    this.calls.push(`move ${id} ${room}`);
  }

  close(): void {
    this.rooms.value = [];
  }

  async accept(): Promise<void> {
    this.calls.push('accept');
    this.invitation.value = null;
  }

  decline(): void {
    this.invitation.value = null;
  }

  back(): void {
    this.calls.push('back');
  }
}
