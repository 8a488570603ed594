// How one takes part: by which name, with what switched on, with a hand raised or not. Everybody is told of it in a profile; a
// page that takes the place of this one goes on with it.
import { signal } from '@preact/signals';
import type { Feature } from '../wire.ts';
import type { Role, Switchable } from './moderation.ts';
import type { OwnMedia } from './own_media.ts';
import { cleanName, type Profile } from './profile.ts';
import type { Participation } from './stored.ts';
import type { JoinOptions } from './view.ts';

interface Owner {
  /** Whether the room has this. */
  has(feature: Feature): boolean;
  /** Viewers switch nothing on. */
  role(): Role;
  /** The name or the hand. */
  changed(): void;
}

export class OwnPart {
  options: JoinOptions = { name: '', mic: false, camera: false };
  readonly hand = signal(false);
  /** When it was, ms since 1970; 0 while it is down. */
  handRaised = 0;
  private readonly media: OwnMedia;
  private readonly owner: Owner;

  constructor(media: OwnMedia, owner: Owner) {
    this.media = media;
    this.owner = owner;
  }

  get name(): string {
    return this.options.name;
  }

  rename(name: string): void {
    this.options.name = cleanName(name);
    this.owner.changed();
  }

  /** One joins like this. */
  take(options: JoinOptions): void {
    this.options = { ...options, name: cleanName(options.name) };
    // At once, so that whatever goes wrong the camera is ours to switch off.
    if (options.stream) this.media.adopt(options.stream, options);
  }

  /** What of the wished devices the lobby's preview did not have. */
  async openDevices(): Promise<void> {
    const { mic, camera } = this.options;
    await Promise.all([mic && this.media.setMicrophone(true), camera && this.media.setCamera(true)]);
  }

  async setMicrophone(on: boolean): Promise<void> {
    if (!on || this.owner.role() !== 'viewer') await this.media.setMicrophone(on);
  }

  async setCamera(on: boolean): Promise<void> {
    if (!on || this.owner.role() !== 'viewer') await this.media.setCamera(on);
  }

  async setScreen(on: boolean): Promise<void> {
    const may = this.owner.role() !== 'viewer' && this.owner.has('screenshare');
    if (!on || may) await this.media.setScreen(on);
  }

  /** A moderator wants something of ours off; false if it is. */
  switchOff(what: Switchable): boolean {
    if (!this.media[what].value) return false;
    if (what === 'mic') void this.media.setMicrophone(false);
    if (what === 'camera') void this.media.setCamera(false);
    if (what === 'screen') void this.media.setScreen(false);
    return true;
  }

  setHand(on: boolean): void {
    if (on === this.hand.value || (on && !this.owner.has('raise_hand'))) return;
    this.hold(on ? Date.now() : 0);
    this.owner.changed();
  }

  /** The hand has been up since then, or is down. */
  hold(raised: number): void {
    this.handRaised = raised;
    this.hand.value = raised > 0;
  }

  /** What everybody is told, sealed; the rest of it is not ours to know. */
  profile(rest: Pick<Profile, 'recording' | 'weak' | 'unplayable'>): Profile {
    const { mic, camera, screen } = this.media;
    const on = { mic: mic.value, camera: camera.value, screen: screen.value };
    return { name: this.name, ...on, hand: this.handRaised, ...rest };
  }

  /** For a page that goes on with it. After `replaces`, the session that this is to take the place of. */
  participation(replaces: string | null, broken: boolean): Participation {
    const { name, codec, remember, mic, camera } = this.options;
    return {
      name,
      // An engine that failed has switched everything off; on the next page it is as one had wanted it.
      mic: broken ? mic : this.media.mic.value,
      camera: broken ? camera : this.media.camera.value,
      replaces,
      hand: this.handRaised,
      ...(codec ? { codec } : {}),
      ...(remember === undefined ? {} : { remember }),
    };
  }
}
