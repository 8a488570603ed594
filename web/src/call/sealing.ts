// Whether what one sends is being sealed, by the worker's counts of frames, once a second.
import type { TrackCounts } from '../worker/messages.ts';

export class Sealing {
  /** Frames come from the encoder, and the worker has no key to seal them with. */
  keyless = false;
  private readonly last = new Map<string, TrackCounts>();

  /** Takes the counts; true where they changed the answer. */
  count(counts: TrackCounts[]): boolean {
    const before = this.keyless;
    for (const now of counts) {
      if (now.direction !== 'seal') continue;
      const passed = this.last.get(now.track)?.passed ?? 0;
      this.last.set(now.track, now);
      this.keyless = now.passed === passed && now.last === 'no_key';
    }
    return this.keyless !== before;
  }
}
