// The agents' messages over Matrix: each goes to the Matrix devices of the person it is for, encrypted by the client around us. Which
// of them is theirs in this call is known from the first message that comes back, and stays so for the whole call.
import { signal } from '@preact/signals';
import {
  type Addressed,
  deviceName,
  type KeysOverMatrix,
  type KeyTransport,
  type Route,
} from '../call/key_transport.ts';
import { fromMatrix } from '../call/matrix_user.ts';
import type { Device } from '../wire.ts';
import type { EngineEnvelope } from '../worker/messages.ts';
import { type Mailing, type MatrixClient, MESSAGE } from './matrix.ts';
import type { Memberships } from './memberships.ts';
import { isUser, type MatrixDevice, messagesFor, type Parcel, type Whereabouts } from './parcels.ts';

const MOST_WAITING = 256; // messages for people whose membership we have not seen

export interface CarrierParts {
  client: Pick<MatrixClient, 'sendToDevice'>;
  memberships: Memberships;
  here: Whereabouts;
  own: MatrixDevice;
  /** Host of the client around us. */
  host: string;
  guests: boolean;
  /** Who we are there. */
  user: string;
}

type Messages = Extract<Parcel, { type: 'messages' }>;

export class Carrier implements KeyTransport {
  readonly view;
  private readonly parts: CarrierParts;
  private readonly bound = new Map<string, MatrixDevice>();
  private readonly users = new Map<string, string>(); // Matrix users by user id here
  private waiting: Addressed[] = [];
  private stay: { call: string; self: Device; heard: (from: Device, envelope: EngineEnvelope) => void } | null = null;
  private last: Promise<void> = Promise.resolve(); // sent in order

  constructor(parts: CarrierParts) {
    this.parts = parts;
    const { host, user, guests } = parts;
    this.view = signal<KeysOverMatrix>({ client: host, user, checked: new Map(), guests });
  }

  route({ user }: Device): Route {
    if (fromMatrix(user)) return 'here';
    return this.parts.guests ? 'signalling' : 'nowhere';
  }

  begin(call: string, self: Device, heard: (from: Device, envelope: EngineEnvelope) => void): void {
    if (this.stay?.call !== call) this.forget();
    this.stay = { call, self, heard };
    this.waiting = [];
  }

  send(messages: Addressed[]): void {
    this.last = this.last.then(() => this.post(messages));
  }

  end(): void {
    this.stay = null;
    this.waiting = [];
  }

  /** Somebody's membership came: what waited for it may go. */
  look(): void {
    const { waiting } = this;
    this.waiting = [];
    if (waiting.length > 0) this.send(waiting);
  }

  /** Whether it was taken: it is for us, of this call, and of the Matrix device that has been theirs in it from the first. */
  came({ sender, call, from, to, envelopes }: Messages): boolean {
    const { stay } = this;
    if (!stay || call !== stay.call || !same(to, stay.self)) return false;
    const name = deviceName(from);
    const before = this.bound.get(name);
    if (before && (before.user !== sender.user || before.device !== sender.device)) return false;
    if (!before) {
      this.bound.set(name, sender);
      const { view } = this;
      view.value = { ...view.value, checked: new Map(view.value.checked).set(name, sender.user) };
    }
    for (const envelope of envelopes) stay.heard(from, envelope);
    return true;
  }

  private forget(): void {
    this.bound.clear();
    this.view.value = { ...this.view.value, checked: new Map() };
  }

  private async post(messages: Addressed[]): Promise<void> {
    const { client, here, own } = this.parts;
    const { stay } = this;
    if (!stay) return;
    const letters = new Map<string, { to: Device; envelopes: EngineEnvelope[] }>();
    for (const { to, envelope } of messages) {
      const letter = letters.get(deviceName(to)) ?? { to, envelopes: [] };
      letter.envelopes.push(envelope);
      letters.set(deviceName(to), letter);
    }
    const mailings: Mailing[] = [];
    for (const { to, envelopes } of letters.values()) {
      const targets = await this.targets(to);
      if (targets.length === 0) this.wait(to, envelopes);
      const content = messagesFor(here, own, { call: stay.call, from: stay.self, to, envelopes });
      for (const { user, device } of targets) {
        const mailing = mailings.find((mail) => !mail[user]?.[device]) ?? {};
        if (!mailings.includes(mailing)) mailings.push(mailing);
        mailing[user] = { ...mailing[user], [device]: content };
      }
    }
    for (const mailing of mailings) {
      await client.sendToDevice(MESSAGE, mailing).catch((error: unknown) => {
        console.warn(`not sent over Matrix: ${(error as Error).message}`); // the engine asks again by its own clock
      });
    }
  }

  private wait(to: Device, envelopes: EngineEnvelope[]): void {
    for (const envelope of envelopes) this.waiting.push({ to, envelope });
    if (this.waiting.length > MOST_WAITING) this.waiting.splice(0, this.waiting.length - MOST_WAITING);
  }

  private async targets(to: Device): Promise<MatrixDevice[]> {
    const bound = this.bound.get(deviceName(to));
    if (bound) return [bound];
    const { memberships } = this.parts;
    const user = this.users.get(to.user) ?? (await this.find(to.user));
    if (user === undefined) return [];
    this.users.set(to.user, user);
    return memberships.devicesOf(user).map((device) => ({ user, device }));
  }

  private async find(user: string): Promise<string | undefined> {
    for (const matrixUser of this.parts.memberships.users()) if (await isUser(user, matrixUser)) return matrixUser;
    return undefined;
  }
}

function same(a: Device, b: Device): boolean {
  return a.user === b.user && a.device === b.device && a.join_id === b.join_id;
}
