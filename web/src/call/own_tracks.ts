// One's own tracks, by source, while they are on: to be sent, and to be seen in the self view.
import { signal } from '@preact/signals';
import type { Source } from '../wire.ts';

interface Owner {
  /** Something was switched on or off. */
  changed(): void;
  /** The microphone as it is now. */
  sounds(microphone: MediaStream | null): void;
  /** A track ended by itself: unplugged, or taken back in the browser's own controls. */
  ended(source: Source, track: MediaStreamTrack): void;
}

export class OwnTracks {
  readonly on = { mic: signal(false), camera: signal(false), screen: signal(false) };
  private readonly tracks = new Map<Source, MediaStreamTrack>();
  private readonly streams = new Map<Source, MediaStream>();
  private readonly owner: Owner;

  constructor(owner: Owner) {
    this.owner = owner;
  }

  get all(): [Source, MediaStreamTrack][] {
    return [...this.tracks];
  }

  track(source: Source): MediaStreamTrack | null {
    return this.tracks.get(source) ?? null;
  }

  stream(source: Source): MediaStream | null {
    return this.streams.get(source) ?? null;
  }

  keep(source: Source, track: MediaStreamTrack): void {
    this.tracks.set(source, track);
    this.streams.set(source, new MediaStream([track]));
    track.onended = () => this.owner.ended(source, track);
    if (source === 'mic') this.owner.sounds(this.stream('mic'));
    this.tell(source, true);
  }

  /** Stops the device: its light goes out. */
  drop(source: Source): void {
    const track = this.tracks.get(source);
    if (track) track.onended = null;
    track?.stop();
    this.tracks.delete(source);
    this.streams.delete(source);
    if (source === 'mic') this.owner.sounds(null);
    this.tell(source, false);
  }

  private tell(source: Source, on: boolean): void {
    if (source !== 'screen_audio') this.on[source].value = on;
    this.owner.changed();
  }
}
