// Saying who one is and what is on: soon, once for several reasons, and once more to somebody new.

const DELAY_MS = 100; // several reasons to say it again are one
const AGAIN_MS = 15_000; // somebody new may have got our keys only after what they were for

export class Introduction {
  private readonly say: () => void;
  private soon: ReturnType<typeof setTimeout> | undefined;
  private again: ReturnType<typeof setTimeout> | undefined;
  private over = false;

  constructor(say: () => void) {
    this.say = say;
  }

  /** Something about us has changed. */
  renew(): void {
    if (this.soon !== undefined || this.over) return;
    this.soon = setTimeout(() => {
      this.soon = undefined;
      this.say();
    }, DELAY_MS);
  }

  /** Somebody can hear us now. */
  greet(): void {
    this.renew();
    this.again ??= setTimeout(() => {
      this.again = undefined;
      this.renew();
    }, AGAIN_MS);
  }

  end(): void {
    this.over = true;
    clearTimeout(this.soon);
    clearTimeout(this.again);
  }
}
