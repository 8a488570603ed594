// Who is here: the server's roster, the engine's word on each device's keys, what each says of itself, and the tracks.

import type { Device } from '../wire.ts';
import type { PeerState, Warning } from '../worker/messages.ts';
import type { Profile } from './profile.ts';
import type { Received } from './subscribe.ts';
import { concerning, healthy, type PersonRef, type TileView } from './view.ts';

interface Person {
  device: Device;
  state: PeerState;
  warning: Warning;
  profile: Profile | null;
}

export class People {
  private readonly all = new Map<string, Person>();
  private received: Received[] = [];

  join(device: Device): void {
    const { user, device: id, join_id } = device;
    const key = deviceKey(device);
    if (this.all.has(key)) return;
    this.all.set(key, { device: { user, device: id, join_id }, state: 'waiting_for_key', warning: '', profile: null });
  }

  leave(device: Device): void {
    this.all.delete(deviceKey(device));
  }

  show(device: Device, state: PeerState): void {
    const person = this.all.get(deviceKey(device));
    if (person) person.state = state;
  }

  warn(device: Device, warning: Warning): void {
    const person = this.all.get(deviceKey(device));
    if (person) person.warning = warning;
  }

  introduce(device: Device, profile: Profile): void {
    const person = this.all.get(deviceKey(device));
    if (person) person.profile = profile;
  }

  receive(received: Received[]): void {
    this.received = received;
  }

  /** How many people need a look: their keys are not as they should be, and it will not mend by waiting. */
  concerning(): number {
    let count = 0;
    for (const { state } of this.all.values()) if (concerning(state)) count++;
    return count;
  }

  get size(): number {
    return this.all.size;
  }

  count(wanted: PeerState): number {
    let count = 0;
    for (const { state } of this.all.values()) if (state === wanted) count++;
    return count;
  }

  /** The device that a tile stands for; the newest, should it have come twice. */
  find({ user, device }: PersonRef): Device | null {
    const found = [...this.all.values()].findLast((p) => p.device.user === user && p.device.device === device);
    return found?.device ?? null;
  }

  /** Whether what we say now reaches the device. */
  reaches(device: Device): boolean {
    const person = this.all.get(deviceKey(device));
    return person !== undefined && healthy(person.state);
  }

  /** What somebody goes by here; '' for one who is not here. */
  name(device: Device): string {
    const person = this.all.get(deviceKey(device));
    return person ? nameOf(person) : '';
  }

  /** The gravest warning about the list of participants that stands. */
  warning(): Warning {
    const standing = new Set([...this.all.values()].map(({ warning }) => warning));
    if (standing.has('roster_differs')) return 'roster_differs';
    return standing.has('silent') ? 'silent' : '';
  }

  /** The tiles in the order in which people came, a screen after its owner. */
  tiles(): TileView[] {
    const tiles: TileView[] = [];
    for (const [key, person] of this.all) {
      tiles.push(this.tile(key, person, 'camera'));
      if (this.stream(person, 'screen')) tiles.push(this.tile(key, person, 'screen'));
    }
    return tiles;
  }

  private tile(key: string, person: Person, kind: 'camera' | 'screen'): TileView {
    const { device, state, profile } = person;
    const audio = this.stream(person, kind === 'camera' ? 'mic' : 'screen_audio');
    return {
      key: `${key}/${kind}`,
      kind,
      name: nameOf(person),
      self: false,
      user: device.user,
      device: device.device,
      state,
      video: this.stream(person, kind),
      audio,
      mic: profile?.mic ?? audio !== null,
      camera: profile?.camera ?? false,
      hand: profile?.hand ?? 0,
    };
  }

  /** Of somebody blocked nothing opens any more; what was decoded already is not shown either. */
  private stream({ device, state }: Person, source: Received['source']): MediaStream | null {
    if (state === 'blocked') return null;
    return this.received.find((r) => r.source === source && sameDevice(r.from, device))?.stream ?? null;
  }
}

// The server's user id is not a name. Without a sealed one there is only a word that does not pretend to know.
const NAMELESS = 'Participant';
const STRANGER = 'Unknown participant';

function nameOf({ state, profile }: Person): string {
  return profile?.name || (state === 'wrong_secret' ? STRANGER : NAMELESS);
}

export function deviceKey({ user, device, join_id }: Device): string {
  return `${user}|${device}|${join_id}`;
}

export function sameDevice(a: Device, b: Device): boolean {
  return a.user === b.user && a.device === b.device && a.join_id === b.join_id;
}
