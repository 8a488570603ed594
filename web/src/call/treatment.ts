// What is done to one's sound and picture on this device, before anybody gets them: noise taken out, the room behind one
// hidden. What hides the room fails closed: where it does not work there is no picture.
import { signal } from '@preact/signals';
import type { Background, TreatmentState } from './devices_view.ts';
import type { Backdrop } from './effects/compose.ts';
import { rawOf, release } from './effects/derived.ts';
import type { PictureStore } from './effects/kept_picture.ts';

/** The picture could not be made before another background. */
export class BackgroundError extends Error {
  override name = 'BackgroundError';
}

/** The browser lets no sound through before the person has touched the page. */
export class NotYetError extends Error {
  override name = 'NotYetError';
}

/** What makes such tracks, so that tests can have others. */
export interface Makers {
  withoutNoise(raw: MediaStreamTrack): Promise<MediaStreamTrack>;
  withBackground(
    raw: MediaStreamTrack,
    backdrop: () => Backdrop,
    events: { slower(): void; failed(): void },
  ): Promise<MediaStreamTrack>;
  /** Calls back when the person touches the page. */
  onTouch(act: () => void): void;
}

const PICTURE_WIDTH = 1280;

export class Treatment {
  readonly noise = signal(false);
  readonly noiseState = signal<TreatmentState>('off');
  readonly background = signal<Background>('none');
  readonly pictured = signal(false);
  readonly backgroundState = signal<TreatmentState>('off');
  private readonly make: Makers;
  private readonly changed: (kind: 'mic' | 'camera') => void;
  private readonly pictures: PictureStore;
  private image: ImageBitmap | null = null;

  constructor(make: Makers, pictures: PictureStore, changed: (kind: 'mic' | 'camera') => void) {
    this.make = make;
    this.pictures = pictures;
    this.changed = changed;
  }

  /** Begins with what was chosen another day. Until the picture is there, and where it is gone, the room is blurred. */
  async restore(background: Background): Promise<void> {
    this.background.value = background;
    const kept = await this.pictures.read();
    if (this.image) return; // one was chosen meanwhile
    this.image = kept;
    this.pictured.value = kept !== null;
    if (!kept && this.background.value === 'image') this.background.value = 'blur';
  }

  setNoise(on: boolean): void {
    if (this.noise.value === on) return;
    this.noise.value = on;
    if (!on) this.noiseState.value = 'off';
    this.changed('mic');
  }

  /** Rejects, and changes nothing, where `file` is not a picture. */
  async setBackground(background: Background, file?: Blob): Promise<void> {
    if (file) {
      this.image = await createImageBitmap(file, { resizeWidth: PICTURE_WIDTH, resizeQuality: 'high' });
      void this.pictures.keep(this.image);
    }
    this.pictured.value = this.image !== null;
    const before = this.background.value;
    this.background.value = background === 'image' && !this.image ? 'blur' : background;
    // From one background to another the track stays; after a failure it is tried again.
    if ((before === 'none') !== (background === 'none') || this.backgroundState.value === 'failed')
      this.changed('camera');
  }

  /** The picture is kept no more, and blurred is what it was behind. */
  forgetPicture(): void {
    this.image = null;
    this.pictured.value = false;
    if (this.background.value === 'image') this.background.value = 'blur';
    void this.pictures.keep(null);
  }

  /** The track as it is to be sent. Takes `raw` over: where it throws, that is stopped. */
  async treat(raw: MediaStreamTrack): Promise<MediaStreamTrack> {
    return raw.kind === 'audio' ? this.treatSound(raw) : this.treatPicture(raw);
  }

  /** The same device, treated as is wished now: another track, or this one. The one before is to be put away with `putAway`. */
  async treatAgain(track: MediaStreamTrack): Promise<MediaStreamTrack> {
    return this.treat(rawOf(track));
  }

  /** Ends what made `before`, once `now` is sent in its place. */
  putAway(before: MediaStreamTrack, now: MediaStreamTrack): void {
    if (before !== now) release(before);
  }

  private async treatSound(raw: MediaStreamTrack): Promise<MediaStreamTrack> {
    if (!this.noise.value) return raw;
    this.noiseState.value = 'loading';
    try {
      const made = await this.make.withoutNoise(raw);
      this.noiseState.value = 'on';
      return made;
    } catch (error) {
      // A voice with noise is better than none.
      if (error instanceof NotYetError) this.make.onTouch(() => this.noise.value && this.changed('mic'));
      else this.noiseState.value = 'failed';
      return raw;
    }
  }

  private async treatPicture(raw: MediaStreamTrack): Promise<MediaStreamTrack> {
    const state = this.backgroundState;
    if (this.background.value === 'none') {
      state.value = 'off';
      return raw;
    }
    state.value = 'loading';
    try {
      const made = await this.make.withBackground(raw, () => this.backdrop(), {
        slower: () => {
          state.value = 'slow';
        },
        failed: () => {
          state.value = 'failed';
        },
      });
      state.value = 'on';
      return made;
    } catch (error) {
      raw.stop();
      state.value = 'failed';
      throw new BackgroundError(String(error));
    }
  }

  private backdrop(): Backdrop {
    return this.background.value === 'image' && this.image ? this.image : 'blur';
  }
}
