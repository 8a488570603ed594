// Whether pictures are made fast enough, and what to do when not: make them smaller. It never goes back by itself, for a
// picture whose size goes up and down is worse than a small one.

const WINDOW_MS = 2000;
const ENOUGH_FPS = 12;
const MOST_OF = 0.8; // of what the camera gave: one that gives few pictures in the dark is not too slow a computer
const SMALLEST = 4;

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

  /** One was made. True when pictures are to be smaller from now on. */
  done(): boolean {
    this.made++;
    const { offered, made } = this;
    const passed = this.now() - this.begun;
    if (passed < WINDOW_MS) return false;
    this.rest();
    const slow = (made * 1000) / passed < ENOUGH_FPS && made < offered * MOST_OF;
    if (!slow || this.divisor === SMALLEST) return false;
    this.divisor *= 2;
    return true;
  }

  /** Begins anew: what was until now does not count, as when the page was hidden. */
  rest(): void {
    this.begun = this.now();
    this.offered = this.made = 0;
  }
}
