// Recording on this device, as far as the call has to do with it: everybody is told, sealed, that one records; and what is
// recorded is received, though the page may lie behind something. The page makes the file.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { OwnMedia } from './own_media.ts';
import type { Viewport } from './showing.ts';
import type { Size } from './view.ts';

/** Recording on this device. The file is the page's to make; nothing of it goes anywhere. */
export interface RecordingView {
  readonly on: ReadonlySignal<boolean>;
  /** Tells everybody that one records, or no longer. */
  tell(on: boolean): void;
  /** What is recorded, by tile and in pixels of the recording: it is received as long as `on`, seen or not. */
  take(tiles: ReadonlyMap<string, Size>): void;
  /** One's own sound as it is now, which no tile has. */
  sound(): MediaStream[];
}

export class Recording implements RecordingView {
  private readonly is = signal(false);
  private readonly media: OwnMedia;
  private readonly viewport: Viewport;
  private readonly changed: () => void;

  constructor(media: OwnMedia, viewport: Viewport, changed: () => void) {
    this.media = media;
    this.viewport = viewport;
    this.changed = changed;
  }

  get on(): ReadonlySignal<boolean> {
    return this.is;
  }

  tell(on: boolean): void {
    if (on === this.is.value) return;
    this.is.value = on;
    if (!on) this.viewport.record(new Map());
    this.changed();
  }

  take(tiles: ReadonlyMap<string, Size>): void {
    this.viewport.record(tiles);
  }

  sound(): MediaStream[] {
    return (['mic', 'screen_audio'] as const).flatMap((source) => this.media.stream(source) ?? []);
  }
}
