// What became of a track's frames, for the page and for people who ask why a tile is black.
import type { DropReason, TrackCounts } from './messages.ts';

export class Counts {
  private passed = 0;
  private failed = 0;
  private dropped = 0;
  private last: DropReason | null = null;
  private changed = false;
  readonly track: string;
  readonly direction: 'seal' | 'open';

  constructor(track: string, direction: 'seal' | 'open') {
    this.track = track;
    this.direction = direction;
  }

  pass(): void {
    this.passed++;
    this.changed = true;
  }

  /** A frame that was looked at and refused. */
  fail(reason: DropReason): void {
    this.failed++;
    this.note(reason);
  }

  /** A frame that was not looked at: no key, or nothing in it. */
  drop(reason: DropReason): void {
    this.dropped++;
    this.note(reason);
  }

  /** The counts, or null if nothing happened since the last call. */
  take(): TrackCounts | null {
    if (!this.changed) return null;
    this.changed = false;
    const { track, direction, passed, failed, dropped, last } = this;
    return { track, direction, passed, failed, dropped, last };
  }

  private note(reason: DropReason): void {
    this.last = reason;
    this.changed = true;
  }
}
