// Recording on this device, as far as the call has to do with it: everybody is told, sealed, that one records; and what is
// recorded is received, though the page may lie behind something. The page makes the file.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { OwnMedia } from './own_media.ts';
import type { Viewport } from './showing.ts';
import type { RecordingView, Size } from './view.ts';

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
