// Who is here: the server's roster, the engine's word on each device's keys, what each says of itself, and the tracks.

import type { Device, Stream } from '../wire.ts';
import type { PeerState, Warning } from '../worker/messages.ts';
import type { Profile } from './profile.ts';
import type { Watchable } from './showing.ts';
import type { SoundOf } from './stage.ts';
import type { Received } from './subscribe.ts';
import { concerning, healthy, type PersonRef, type TileView, type VideoCodec } from './view.ts';

/** What the engine says of a device; or that it is none that keys are given to. */
type PersonState = PeerState | 'guest';

interface Person {
  device: Device;
  state: PersonState;
  warning: Warning;
  profile: Profile | null;
  /** A message of theirs came by another way than theirs all come. */
  bypassed: boolean;
}

export class People {
  private readonly all = new Map<string, Person>();
  private received: Received[] = [];
  private readonly paused = new Set<string>(); // mids
  private speaking: Device[] = [];
  private readonly unplayable: readonly VideoCodec[];

  /** The codecs that this browser does not play. */
  constructor(unplayable: readonly VideoCodec[] = []) {
    this.unplayable = unplayable;
  }

  join(device: Device): void {
    const { user, device: id, join_id } = device;
    const key = deviceKey(device);
    if (this.all.has(key)) return;
    const of = { user, device: id, join_id };
    this.all.set(key, { device: of, state: 'waiting_for_key', warning: '', profile: null, bypassed: false });
  }

  leave(device: Device): void {
    this.all.delete(deviceKey(device));
  }

  /** Sets the state; whether the device has just become able to hear us. */
  show(device: Device, state: PersonState): boolean {
    const person = this.all.get(deviceKey(device));
    if (!person) return false;
    const before = person.state;
    person.state = state;
    return healthy(state) && !healthy(before);
  }

  bypass(device: Device): void {
    const person = this.all.get(deviceKey(device));
    if (person) person.bypassed = true;
  }

  /** How many had a message come past the way that theirs go. */
  bypassed(): number {
    return [...this.all.values()].filter(({ bypassed }) => bypassed).length;
  }

  has(device: Device): boolean {
    return this.all.has(deviceKey(device));
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
    const before = new Map(this.received.map((r) => [r.mid, r.stream]));
    this.received = received;
    const kept = new Set(received.filter(({ mid, stream }) => before.get(mid) === stream).map(({ mid }) => mid));
    for (const mid of this.paused) if (!kept.has(mid)) this.paused.delete(mid); // it ended, or is another's now
  }

  /** How the server sends videos now. One that is hidden is one that we do not show: nobody need know. */
  streams(streams: Stream[]): void {
    for (const { mid, state } of streams) {
      if (state === 'paused') this.paused.add(mid);
      else this.paused.delete(mid);
    }
  }

  speak(devices: Device[]): void {
    this.speaking = devices;
  }

  speaks(device: Device): boolean {
    return this.speaking.some((speaker) => sameDevice(speaker, device));
  }

  /** Videos that may be sent, of those who are not blocked. */
  watchable(): Watchable[] {
    const all: Watchable[] = [];
    for (const [key, { device, state }] of this.all) {
      for (const { mid, source, from } of this.received) {
        const video = source === 'camera' || source === 'screen';
        if (!video || state === 'blocked' || !sameDevice(from, device)) continue;
        const speaking = this.speaks(device);
        all.push({ mid, tile: tileKey(key, source), screen: source === 'screen', speaking });
      }
    }
    return all;
  }

  /** The sound of those who are blocked, and what else nobody listens to here. */
  silent(hushed: (sound: SoundOf) => boolean): string[] {
    const sound = this.received.filter(({ source }) => source === 'mic' || source === 'screen_audio');
    const silent = sound.filter(({ from, source }) => {
      const kind = source === 'mic' ? 'camera' : 'screen';
      return this.all.get(deviceKey(from))?.state === 'blocked' || hushed({ ...from, kind });
    });
    return silent.map(({ mid }) => mid);
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

  count(wanted: PersonState): number {
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
      if (this.media(person, 'screen')) tiles.push(this.tile(key, person, 'screen'));
    }
    return tiles;
  }

  private tile(key: string, person: Person, kind: 'camera' | 'screen'): TileView {
    const { device, state, profile } = person;
    const audio = this.media(person, kind === 'camera' ? 'mic' : 'screen_audio')?.stream ?? null;
    const video = this.media(person, kind);
    const mic = profile?.mic ?? audio !== null;
    return {
      key: tileKey(key, kind),
      kind,
      name: nameOf(person),
      self: false,
      user: device.user,
      device: device.device,
      state,
      video: video?.stream ?? null,
      audio,
      mic,
      camera: profile?.camera ?? false,
      hand: profile?.hand ?? 0,
      recording: profile?.recording ?? false,
      speaking: kind === 'camera' && mic && this.speaks(device),
      paused: video !== null && this.paused.has(video.mid),
      weak: profile?.weak ?? false,
      unplayable: this.unplayable.find((codec) => codec === video?.codec) ?? null,
    };
  }

  /** Of somebody blocked nothing opens any more; what was decoded already is not shown either. */
  private media({ device, state }: Person, source: Received['source']): Received | null {
    if (state === 'blocked') return null;
    return this.received.find((r) => r.source === source && sameDevice(r.from, device)) ?? null;
  }
}

// The server's user id is not a name. Without a sealed one there is only a word that does not pretend to know.
const NAMELESS = 'Participant';
const STRANGER = 'Unknown participant';

function nameOf({ state, profile }: Person): string {
  return profile?.name || (state === 'wrong_secret' ? STRANGER : NAMELESS);
}

function tileKey(key: string, kind: 'camera' | 'screen'): string {
  return `${key}/${kind}`;
}

export function deviceKey({ user, device, join_id }: Device): string {
  return `${user}|${device}|${join_id}`;
}

export function sameDevice(a: Device, b: Device): boolean {
  return a.user === b.user && a.device === b.device && a.join_id === b.join_id;
}
