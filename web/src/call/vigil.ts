// What a call asks of the browser while it lasts: that the screen stays on, that leaving the page by mistake is asked
// about, and to be told when the machine has slept.

const TICK_MS = 5000;
const SLEPT_MS = 20_000; // without a tick
const HIDDEN_SLEPT_MS = 150_000; // the same of a page in the background, which has one a minute at worst

export interface VigilEvents {
  /** The machine slept: sockets, devices and ways to the server may be gone without a word. */
  woke(): void;
  /** Whether something would be missed if the page went now. */
  guarded(): boolean;
}

export class Vigil {
  private readonly events: VigilEvents;
  private lock: Promise<WakeLockSentinel | null> | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private ticked = 0;
  private hidden = false; // since the last tick, or now

  constructor(events: VigilEvents) {
    this.events = events;
  }

  /** Once more does nothing. */
  begin(): void {
    if (this.timer !== undefined) return;
    this.ticked = Date.now();
    this.timer = setInterval(() => this.tick(), TICK_MS);
    document.addEventListener('visibilitychange', this.seen);
    addEventListener('beforeunload', this.ask);
    this.seen();
  }

  end(): void {
    if (this.timer === undefined) return;
    clearInterval(this.timer);
    this.timer = undefined;
    document.removeEventListener('visibilitychange', this.seen);
    removeEventListener('beforeunload', this.ask);
    void this.lock?.then((lock) => lock?.release());
    this.lock = null;
  }

  private tick(): void {
    const now = Date.now();
    const slept = now - this.ticked > (this.hidden ? HIDDEN_SLEPT_MS : SLEPT_MS);
    this.ticked = now;
    this.hidden = document.hidden;
    if (slept) this.events.woke();
  }

  /** A browser takes the lock back when the page is hidden, and gives it only to one that is seen. */
  private readonly seen = (): void => {
    this.hidden ||= document.hidden;
    if (!document.hidden) this.lock = navigator.wakeLock?.request('screen').catch(() => null) ?? null;
  };

  private readonly ask = (event: BeforeUnloadEvent): void => {
    if (this.events.guarded()) event.preventDefault();
  };
}
