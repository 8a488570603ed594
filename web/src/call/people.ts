// Who is here: the server's roster, the engine's word on each device's keys, what each says of itself, and the tracks.

import type { Device } from '../wire.ts';
import type { PeerState, Warning } from '../worker/messages.ts';
import type { Profile } from './profile.ts';
import type { Received } from './subscribe.ts';
import type { TileView } from './view.ts';

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

  /** Sets the state; whether the device has just become able to hear us. */
  show(device: Device, state: PeerState): boolean {
    const person = this.all.get(deviceKey(device));
    if (!person || person.state === state) return false;
    person.state = state;
    return state === 'new';
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
    for (const { state } of this.all.values()) if (state !== 'new' && state !== 'waiting_for_key') count++;
    return count;
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
      // The server's user id is not a name. Without a sealed one there is only a word that does not pretend to know.
      name: profile?.name || (state === 'wrong_secret' ? 'Unknown participant' : 'Participant'),
      self: false,
      user: device.user,
      device: device.device,
      state,
      video: this.stream(person, kind),
      audio,
      mic: profile?.mic ?? audio !== null,
      camera: profile?.camera ?? false,
    };
  }

  private stream({ device }: Person, source: Received['source']): MediaStream | null {
    return this.received.find((r) => r.source === source && sameDevice(r.from, device))?.stream ?? null;
  }
}

export function deviceKey({ user, device, join_id }: Device): string {
  return `${user}|${device}|${join_id}`;
}

export function sameDevice(a: Device, b: Device): boolean {
  return a.user === b.user && a.device === b.device && a.join_id === b.join_id;
}
