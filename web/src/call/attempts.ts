// When to begin another session in the place of one that ended.
const AGAIN_MS = [0, 1000, 2000, 4000, 8000]; // before each new session, until one has lasted
const LASTED_MS = 20_000;

export class Attempts {
  private failures = 0;
  private againTimer: ReturnType<typeof setTimeout> | undefined;
  private lastedTimer: ReturnType<typeof setTimeout> | undefined;

  /** A session has joined. */
  joined(): void {
    this.lastedTimer = setTimeout(() => {
      this.failures = 0;
    }, LASTED_MS);
  }

  /** Begins another session, not before the time given; how many sessions in a row have not lasted. */
  again(begin: () => void, afterMs: number): number {
    this.stop();
    const wait = AGAIN_MS[Math.min(this.failures, AGAIN_MS.length - 1)] ?? 0;
    this.againTimer = setTimeout(begin, Math.max(wait, afterMs));
    return ++this.failures;
  }

  stop(): void {
    clearTimeout(this.againTimer);
    clearTimeout(this.lastedTimer);
  }
}
