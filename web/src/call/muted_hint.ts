// Tells somebody who speaks while their microphone is off. Off, because a microphone that is off is closed, and its light
// with it: for this it is open all the same, to be measured here, and nothing of it leaves the page.
import { effect, type ReadonlySignal, signal } from '@preact/signals';

const LOUD = 0.04; // root mean square; ordinary speech is near 0.1, a quiet room below 0.01
const LOOK_MS = 100;
const WORDS = 8; // looks that are loud in a row, but for pauses: a cough is shorter
const PAUSE = 3; // looks
const SHOWN_MS = 6000;

export interface MutedHintView {
  /** One wants to be told. */
  readonly wanted: ReadonlySignal<boolean>;
  setWanted(on: boolean): void;
  /** One speaks now, and is not heard. */
  readonly speaking: ReadonlySignal<boolean>;
}

export interface MutedHintParts {
  inCall(): boolean;
  mic: ReadonlySignal<boolean>;
  /** Opens the microphone and says how loud it is, until the function that it gives is called. */
  listen(heard: (loudness: number) => void, everyMs: number): Promise<() => void>;
}

export class MutedHint implements MutedHintView {
  readonly wanted = signal(false);
  readonly speaking = signal(false);
  private readonly parts: MutedHintParts;
  private readonly stopWatching: () => void;
  private turn = 0;
  private close = () => {};
  private loud = 0;
  private quiet = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: MutedHintParts) {
    this.parts = parts;
    this.stopWatching = effect(() => {
      const listens = this.wanted.value && !parts.mic.value && parts.inCall();
      if (listens) void this.listen();
      else this.stop();
    });
  }

  setWanted(on: boolean): void {
    this.wanted.value = on;
  }

  end(): void {
    this.stopWatching();
    this.stop();
  }

  private async listen(): Promise<void> {
    const turn = ++this.turn;
    try {
      const close = await this.parts.listen((loudness) => turn === this.turn && this.hear(loudness), LOOK_MS);
      if (turn === this.turn) this.close = close;
      else close();
    } catch {
      this.wanted.value = false; // there is no microphone to be had
    }
  }

  private hear(loudness: number): void {
    this.quiet = loudness < LOUD ? this.quiet + 1 : 0;
    if (this.quiet === 0) this.loud++;
    else if (this.quiet > PAUSE) this.loud = 0;
    if (this.loud < WORDS) return;
    this.loud = 0;
    this.speaking.value = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.speaking.value = false;
    }, SHOWN_MS);
  }

  private stop(): void {
    this.turn++;
    this.close();
    this.close = () => {};
    clearTimeout(this.timer);
    this.loud = this.quiet = 0;
    this.speaking.value = false;
  }
}
