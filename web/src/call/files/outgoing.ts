// The sending side: which chunks of which files are wanted, and one at a time, at what the server relays of one client.
// All who want a file hear the same chunks; whoever came in the middle asks again for what it missed.
import { SayError } from '../said.ts';
import type { Range } from './offer.ts';
import { CHUNK, type ChunkSeal, chunksOf } from './seal.ts';

/** The server takes 64 KiB/s of data of one client: at one chunk in this time there is room for what else is said. */
export const CHUNK_MS = 650;
const AT_ONCE = 3; // chunks, after a pause: the server takes 256 KiB at once
const AGAIN_MS = 2000; // between two sessions
const TIMES = 3; // that somebody may have the whole file sent

export interface Clock {
  now(): number; // ms
  setTimeout(act: () => void, ms: number): unknown;
}

/** One's own file, as it is offered. */
export class Outgoing {
  readonly id: string;
  readonly size: number;
  private readonly bytes: Uint8Array;
  private readonly seal: ChunkSeal;
  private readonly wanted: boolean[];
  private readonly asked = new Map<string, number>(); // chunks, by device
  private readonly done = new Set<string>();
  private place = 0;

  constructor(id: string, bytes: Uint8Array, seal: ChunkSeal) {
    this.id = id;
    this.bytes = bytes;
    this.size = bytes.length;
    this.seal = seal;
    this.wanted = Array.from({ length: chunksOf(bytes.length) }, () => false);
  }

  /** How many devices said that they have it. */
  get taken(): number {
    return this.done.size;
  }

  /** How many chunks are still to go out. */
  get waiting(): number {
    return this.wanted.filter((wanted) => wanted).length;
  }

  /** Somebody wants these chunks; the answer is false for one who had them sent often enough. */
  want(device: string, ranges: Range[]): boolean {
    if (ranges.length === 0) {
      this.done.add(device);
      return true;
    }
    const count = ranges.reduce((sum, { first, last }) => sum + last - first + 1, this.asked.get(device) ?? 0);
    if (count > TIMES * this.wanted.length) return false;
    this.asked.set(device, count);
    for (const { first, last } of ranges) this.wanted.fill(true, first, last + 1);
    return true;
  }

  /** The next chunk that is wanted, in their order and then around; null where none is. */
  next(): number | null {
    const { length } = this.wanted;
    for (let i = 0; i < length; i++) {
      const n = (this.place + i) % length;
      if (!this.wanted[n]) continue;
      this.place = n + 1;
      this.wanted[n] = false;
      return n;
    }
    return null;
  }

  /** It could not go out. */
  putBack(n: number): void {
    this.wanted[n] = true;
  }

  sealed(n: number): Promise<Uint8Array> {
    return this.seal.seal(n, this.bytes.subarray(n * CHUNK, (n + 1) * CHUNK));
  }
}

/** Sends chunks of all files in turn. */
export class Sender {
  private readonly clock: Clock;
  private readonly files: () => Outgoing[];
  private readonly send: (file: Outgoing, n: number, sealed: Uint8Array) => void;
  private running = false;
  private turn = 0;
  private room = AT_ONCE;
  private roomAt = 0;

  /** `send` throws a SayError where it cannot go out now. */
  constructor(clock: Clock, files: () => Outgoing[], send: (file: Outgoing, n: number, sealed: Uint8Array) => void) {
    this.clock = clock;
    this.files = files;
    this.send = send;
    this.roomAt = clock.now();
  }

  wake(): void {
    if (this.running) return;
    this.running = true;
    void this.run();
  }

  private async run(): Promise<void> {
    for (;;) {
      const file = this.pick();
      const n = file?.next() ?? null;
      if (!file || n === null) break;
      await this.pause(this.due());
      const sealed = await file.sealed(n);
      if (!this.files().includes(file)) continue; // taken back meanwhile
      try {
        this.send(file, n, sealed);
        this.room--;
      } catch (error) {
        if (!(error instanceof SayError)) throw error;
        file.putBack(n);
        await this.pause(AGAIN_MS);
      }
    }
    this.running = false;
  }

  private pick(): Outgoing | null {
    const waiting = this.files().filter((file) => file.waiting > 0);
    return waiting[this.turn++ % Math.max(waiting.length, 1)] ?? null;
  }

  /** How long until there is room for one more. */
  private due(): number {
    const now = this.clock.now();
    this.room = Math.min(AT_ONCE, this.room + (now - this.roomAt) / CHUNK_MS);
    this.roomAt = now;
    return this.room >= 1 ? 0 : (1 - this.room) * CHUNK_MS;
  }

  private pause(ms: number): Promise<void> {
    return ms <= 0 ? Promise.resolve() : new Promise((resolve) => this.clock.setTimeout(resolve, ms));
  }
}
