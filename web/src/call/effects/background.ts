// One's picture before another background, made on this device before it is encoded and sealed. Where it cannot be made,
// nothing is sent: the room behind a person who chose this is never shown for a lack of time, memory or a file.
import { type Backdrop, Composer } from './compose.ts';
import { derive } from './derived.ts';
import { pictureTrack } from './picture_track.ts';
import { Rate } from './rate.ts';
import { MODEL_SIZE, type Segmenter, segmenter } from './segmenter.ts';

const FIRST_WITHIN_MS = 60_000; // the program is compiled and the model read

export interface BackgroundEvents {
  /** Pictures are made too slowly: they are smaller from now on. */
  slower(): void;
  /** It stopped working; the track has ended. */
  failed(): void;
}

/** Resolves once the first picture is there. `backdrop` is asked for each. */
export async function withBackground(
  raw: MediaStreamTrack,
  backdrop: () => Backdrop,
  events: BackgroundEvents,
): Promise<MediaStreamTrack> {
  const loading = segmenter();
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([raw]);
  const close = () => {
    video.srcObject = null;
  };
  try {
    await Promise.all([loading, video.play()]);
    const work = new Work(video, await loading, backdrop, events);
    await work.first();
    const made = pictureTrack(work.composer.canvas);
    const track = derive(raw, made.track, () => {
      work.close();
      made.close();
      close();
    });
    made.push();
    work.begin(made.push, () => {
      events.failed();
      track.stop();
      track.dispatchEvent(new Event('ended'));
    });
    return track;
  } catch (error) {
    close();
    throw error;
  }
}

class Work {
  readonly composer = new Composer(document.createElement('canvas'));
  private readonly video: HTMLVideoElement;
  private readonly segmenter: Segmenter;
  private readonly backdrop: () => Backdrop;
  private readonly events: BackgroundEvents;
  private readonly small = Object.assign(document.createElement('canvas'), MODEL_SIZE);
  private readonly rate = new Rate(() => performance.now());
  private readonly clock = new Worker(new URL('./clock.ts', import.meta.url), { type: 'module' });
  private busy = false;
  private restUntil = 0;
  private closed = false;
  private shown = -1; // the video's time

  constructor(video: HTMLVideoElement, segmenter: Segmenter, backdrop: () => Backdrop, events: BackgroundEvents) {
    this.video = video;
    this.segmenter = segmenter;
    this.backdrop = backdrop;
    this.events = events;
  }

  async first(): Promise<void> {
    const patience = new Promise((_, reject) =>
      setTimeout(() => reject(new Error('no picture came')), FIRST_WITHIN_MS),
    );
    await Promise.race([this.make(), patience]).catch((error: unknown) => {
      this.close();
      throw error;
    });
    this.rate.rest();
  }

  begin(made: () => void, failed: () => void): void {
    this.clock.onmessage = () => void this.tick(made).catch(() => this.closed || failed());
  }

  close(): void {
    this.closed = true;
    this.clock.terminate();
  }

  private async tick(made: () => void): Promise<void> {
    const { video, rate } = this;
    if (video.currentTime === this.shown) return;
    rate.offer();
    if (this.busy || performance.now() < this.restUntil) return;
    this.busy = true;
    const begun = performance.now();
    await this.make();
    if (!this.closed) made();
    this.restUntil = 2 * performance.now() - begun; // half of the time is the rest of the page's
    this.busy = false;
    if (rate.done(video.videoHeight)) this.events.slower();
  }

  private async make(): Promise<void> {
    const { video, small, rate, composer } = this;
    this.shown = video.currentTime;
    small.getContext('2d')?.drawImage(video, 0, 0, small.width, small.height);
    await this.segmenter.mask(small, (mask) => {
      if (this.closed) return;
      const width = Math.round(video.videoWidth / rate.divisor);
      const height = Math.round(video.videoHeight / rate.divisor);
      composer.draw(video, mask, this.backdrop(), width, height);
    });
  }
}
