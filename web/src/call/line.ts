// Whether one's own line carries what one sends: looked at every few seconds, and judged calmly, for the others are told.
import { type Numbers, numbersOf, type Stat } from './numbers.ts';

const LOOK_MS = 4000;
const LOSSY = 0.08;
const SLOW_MS = 600;
const IN_A_ROW = 2; // looks that agree: one bad moment is no weak line

export class Line {
  weak = false;
  private against = 0;
  private before: Stat[] = [];
  private timer: ReturnType<typeof setInterval> | undefined;
  private readonly changed: () => void;

  constructor(changed: () => void) {
    this.changed = changed;
  }

  /** Looks again and again; another call takes the place of this one. */
  watch(stats: () => Promise<Stat[]>): void {
    this.stop();
    this.timer = setInterval(() => {
      stats().then(
        (now) => this.look(now),
        () => {}, // the connection is gone, and with it the question
      );
    }, LOOK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.weak = false;
    this.against = 0;
    this.before = [];
  }

  private look(now: Stat[]): void {
    const bad = isBad(numbersOf(now, this.before));
    this.before = now;
    this.against = bad === this.weak ? 0 : this.against + 1;
    if (this.against < IN_A_ROW) return;
    this.against = 0;
    this.weak = bad;
    this.changed();
  }
}

function isBad({ picture, sound, roundTripMs }: Numbers): boolean {
  return Math.max(picture?.lost ?? 0, sound?.lost ?? 0) > LOSSY || (roundTripMs ?? 0) > SLOW_MS;
}
