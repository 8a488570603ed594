// A Matrix room in memory, with clients in it: state goes to everybody, to-device messages to whom they are for.
import {
  type Mailing,
  type MatrixClient,
  MEMBER,
  MEMBERSHIP,
  type OpenIDToken,
  type StateEvent,
  type ToDevice,
} from '../../src/widget/matrix.ts';
import { membershipContent, membershipKey } from '../../src/widget/memberships.ts';

export const ROOM = '!room:hs';
export const URL_OF_CALL = 'https://meet.example/r/blue-call';
export const here = { roomID: ROOM, slug: 'blue-call' };
export const ada = { user: '@ada:hs', device: 'ADAPHONE' };
export const ben = { user: '@ben:hs', device: 'BENLAPTOP' };
export const eve = { user: '@eve:hs', device: 'EVETABLET' };

type Person = typeof ada;

export function joined(user: string): StateEvent {
  return {
    type: MEMBER,
    sender: user,
    state_key: user,
    content: { membership: 'join' },
    origin_server_ts: 0,
    room_id: ROOM,
  };
}

export function membership({ user, device }: Person, at = 0): StateEvent {
  const content = membershipContent(user, device, URL_OF_CALL) as Record<string, unknown>;
  const key = membershipKey(user, device);
  return { type: MEMBERSHIP, sender: user, state_key: key, content, origin_server_ts: at, room_id: ROOM };
}

export class FakeRoom {
  readonly clients: FakeClient[] = [];
  /** Everything sent from device to device. */
  readonly mail: { type: string; from: Person; to: Person; content: object }[] = [];
  now = 1_000;
  /** Without MSC4140 the homeserver sends nothing later. */
  delays = false;

  enter(person: Person): FakeClient {
    const client = new FakeClient(this, person);
    this.clients.push(client);
    return client;
  }
}

export class FakeClient implements MatrixClient {
  readonly delayed: string[] = [];
  readonly states: { type: string; key: string; content: object; delay?: number }[] = [];
  state: (event: StateEvent) => void = () => {};
  toDevice: (message: ToDevice) => void = () => {};
  private readonly room: FakeRoom;
  private readonly person: Person;

  constructor(room: FakeRoom, person: Person) {
    this.room = room;
    this.person = person;
  }

  async openID(): Promise<OpenIDToken> {
    return { access_token: 'word', token_type: 'Bearer', matrix_server_name: 'hs', expires_in: 60 };
  }

  async sendToDevice(type: string, messages: Mailing): Promise<void> {
    for (const [user, devices] of Object.entries(messages)) {
      for (const [device, content] of Object.entries(devices)) {
        this.room.mail.push({ type, from: this.person, to: { user, device }, content });
        const to = this.room.clients.find(({ person }) => person.user === user && person.device === device);
        to?.toDevice({ type, sender: this.person.user, content: content as Record<string, unknown>, encrypted: true });
      }
    }
  }

  async readState(): Promise<StateEvent[]> {
    return [];
  }

  async sendState(type: string, key: string, content: object, delay?: number): Promise<string> {
    this.states.push({ type, key, content, ...(delay === undefined ? {} : { delay }) });
    if (delay !== undefined) {
      if (!this.room.delays) throw new Error('no delayed events');
      return `delay ${this.states.length}`;
    }
    const event = { type, sender: this.person.user, state_key: key, content, origin_server_ts: this.room.now++ };
    for (const client of this.room.clients) client.state({ ...event, content: { ...content }, room_id: ROOM });
    return '';
  }

  async updateDelayed(delay: string, action: string): Promise<void> {
    this.delayed.push(`${action} ${delay}`);
  }

  onState(heard: (event: StateEvent) => void): void {
    this.state = heard;
  }

  onToDevice(heard: (message: ToDevice) => void): void {
    this.toDevice = heard;
  }
}
