// Whether pictures are made fast enough, and what to do when not: make them smaller. It never goes back by itself, for a
// picture whose size goes up and down is worse than a small one.

const WINDOW_MS = 2000;
const ENOUGH_FPS = 12;
const MOST_OF = 0.8; // of what the camera gave: one that gives few pictures in the dark is not too slow a computer
const SMALLEST_LINES = 90;

export class Rate {
  /** Width and height are divided by this. */
  divisor = 1;
  private readonly now: () => number;
  private begun: number;
  private offered = 0;
  private made = 0;

  constructor(now: () => number) {
    this.now = now;
    this.begun = now();
  }

  /** The camera had a new picture. */
  offer(): void {
    this.offered++;
  }

  /** One was made of a picture of so many lines. True when they are to be smaller from now on. */
  done(lines: number): boolean {
    this.made++;
    const { offered, made } = this;
    const passed = this.now() - this.begun;
    if (passed < WINDOW_MS) return false;
    this.rest();
    const slow = (made * 1000) / passed < ENOUGH_FPS && made < offered * MOST_OF;
    const smaller = this.divisor * 2;
    if (!slow || lines / smaller < SMALLEST_LINES) return false;
    this.divisor = smaller;
    return true;
  }

  /** Begins anew: what was until now does not count, as when the page was hidden. */
  rest(): void {
    this.begun = this.now();
    this.offered = this.made = 0;
  }
}
