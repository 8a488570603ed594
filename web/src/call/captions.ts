// Captions: what each says, written down by their own browser on their own device, if they want that, and sent sealed to
// everybody. No sound goes to anybody for it: where a browser would send it away to be recognised, there are no captions.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Device } from '../wire.ts';
import { cleanLine, SayError } from './said.ts';
import type { Sealed } from './sealed.ts';

export const CAPTION_KIND = 'grotto.caption';

const LIMIT = 300; // characters: the end of what is longer
const SHOWN_MS = 6000; // after the last word
const SPEAKERS = 3; // at a time
const EVERY_MS = 500; // between two words of one sentence on their way

export interface CaptionView {
  key: string;
  name: string;
  self: boolean;
  text: string;
}

/**
 * Writing down what we say: `off`, `on`; or `unavailable`, where this browser does not do that on the device, or not in the
 * language it is set to.
 */
export type Giving = 'off' | 'on' | 'unavailable';

/** What ui/ sees of captions. Both ways are off to begin with. */
export interface CaptionsView {
  /** Those who spoke last, the newest at the end; nothing while they are not shown. */
  readonly shown: ReadonlySignal<CaptionView[]>;
  readonly on: ReadonlySignal<boolean>;
  readonly giving: ReadonlySignal<Giving>;
  show(on: boolean): void;
  /** Writes down what we say for those who show captions. */
  give(on: boolean): Promise<void>;
}

/** Speech to text on this device. */
export interface Recognizer {
  available(): Promise<boolean>;
  /** Calls `heard` with what was said so far, and at the end of each sentence. The answer stops it. */
  start(track: MediaStreamTrack, heard: (text: string, done: boolean) => void): () => void;
}

interface Clock {
  now(): number; // ms
  setTimeout(act: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

interface Line extends CaptionView {
  timer: unknown;
}

export class Captions implements CaptionsView {
  readonly shown = signal<CaptionView[]>([]);
  readonly on = signal(false);
  readonly giving = signal<Giving>('off');
  private readonly sealed: Sealed;
  private readonly recognizer: Recognizer;
  private readonly clock: Clock;
  private readonly lines = new Map<string, Line>();
  private track: MediaStreamTrack | null = null;
  private stop: (() => void) | null = null;
  private saidAt = Number.NEGATIVE_INFINITY;

  constructor(sealed: Sealed, recognizer: Recognizer, clock: Clock) {
    this.sealed = sealed;
    this.recognizer = recognizer;
    this.clock = clock;
    sealed.hear(CAPTION_KIND, { way: 'all', perSecond: 5 }, ({ from, name, body }) => {
      if (typeof body.text === 'string') this.put(keyOf(from), name, false, body.text);
    });
    sealed.onLeft((device) => this.drop(keyOf(device)));
    sealed.onEnd(() => {
      this.listenTo(null);
      this.clear();
      this.on.value = false;
      if (this.giving.value === 'on') this.giving.value = 'off';
    });
  }

  show(on: boolean): void {
    this.on.value = on;
    if (!on) this.clear();
  }

  async give(on: boolean): Promise<void> {
    if (on && !(await this.recognizer.available())) {
      this.giving.value = 'unavailable';
      return;
    }
    this.giving.value = on ? 'on' : 'off';
    this.listen();
  }

  /** The microphone as it is open now, or null: what is said while it is closed is not written down. */
  listenTo(track: MediaStreamTrack | null): void {
    if (track === this.track) return;
    this.track = track;
    this.listen();
  }

  private listen(): void {
    this.stop?.();
    this.stop = null;
    if (this.giving.value !== 'on' || !this.track) return;
    this.stop = this.recognizer.start(this.track, (text, done) => this.say(text, done));
  }

  private say(text: string, done: boolean): void {
    const now = this.clock.now();
    if (!done && now - this.saidAt < EVERY_MS) return;
    this.saidAt = now;
    const line = tail(cleanLine(text, Number.POSITIVE_INFINITY));
    if (line === '') return;
    this.put('self', this.sealed.ownName, true, line);
    try {
      this.sealed.toAll(CAPTION_KIND, { text: line });
    } catch (error) {
      if (!(error instanceof SayError)) throw error; // said between two sessions: nobody hears that either
    }
  }

  private put(key: string, name: string, self: boolean, text: string): void {
    if (!this.on.value) return;
    const line = tail(cleanLine(text, Number.POSITIVE_INFINITY));
    this.drop(key);
    if (line === '') return;
    const timer = this.clock.setTimeout(() => this.drop(key), SHOWN_MS);
    this.lines.set(key, { key, name, self, text: line, timer });
    const [oldest] = this.lines.keys();
    if (this.lines.size > SPEAKERS && oldest !== undefined) this.drop(oldest);
    this.render();
  }

  private drop(key: string): void {
    const line = this.lines.get(key);
    if (!line) return;
    this.clock.clearTimeout(line.timer);
    this.lines.delete(key);
    this.render();
  }

  private clear(): void {
    for (const { timer } of this.lines.values()) this.clock.clearTimeout(timer);
    this.lines.clear();
    this.render();
  }

  private render(): void {
    this.shown.value = [...this.lines.values()].map(({ timer, ...view }) => view);
  }
}

/** The end of a long line, from a word on. */
function tail(text: string): string {
  const characters = [...text];
  return characters.length <= LIMIT
    ? text
    : characters
        .slice(-LIMIT)
        .join('')
        .replace(/^\S*\s/, '');
}

function keyOf({ user, device }: Device): string {
  return `${user}|${device}`;
}
