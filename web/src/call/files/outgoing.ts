// The sending side: who wants which chunks of which files; and one chunk at a time, at what the server relays of one client,
// to all at once who want it.
import type { Device } from '../../wire.ts';
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
  private readonly count: number;
  private readonly wanting = new Map<string, Wanting>(); // by device
  private readonly done = new Set<string>();
  private place = 0;

  constructor(id: string, bytes: Uint8Array, seal: ChunkSeal) {
    this.id = id;
    this.bytes = bytes;
    this.size = bytes.length;
    this.seal = seal;
    this.count = chunksOf(bytes.length);
  }

  /** How many devices said that they have it. */
  get taken(): number {
    return this.done.size;
  }

  /** Whether chunks are still to go out. */
  get waiting(): boolean {
    return [...this.wanting.values()].some(({ chunks }) => chunks.size > 0);
  }

  /** Somebody wants these chunks; the answer is false for one who had them sent often enough. */
  want(device: Device, ranges: Range[]): boolean {
    const key = `${device.user}|${device.device}`;
    const wanting = this.wanting.get(key) ?? { device, chunks: new Set(), asked: 0 };
    wanting.device = device; // who joined anew asks under another join id
    this.wanting.set(key, wanting);
    if (ranges.length === 0) this.done.add(key);
    wanting.asked += ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    if (wanting.asked > TIMES * this.count) return false;
    for (const { first, last } of ranges) for (let n = first; n <= last; n++) wanting.chunks.add(n);
    return true;
  }

  /** Somebody has left. */
  forget({ user, device }: Device): void {
    this.wanting.delete(`${user}|${device}`);
  }

  /** The next chunk that is wanted, in their order and then around, and by whom; null where none is. */
  next(): { n: number; to: Device[] } | null {
    for (let i = 0; i < this.count; i++) {
      const n = (this.place + i) % this.count;
      const to = [...this.wanting.values()].filter(({ chunks }) => chunks.delete(n)).map(({ device }) => device);
      if (to.length === 0) continue;
      this.place = n + 1;
      return { n, to };
    }
    return null;
  }

  /** It could not go out. */
  putBack(n: number, to: Device[]): void {
    for (const { user, device } of to) this.wanting.get(`${user}|${device}`)?.chunks.add(n);
  }

  sealed(n: number): Promise<Uint8Array> {
    return this.seal.seal(n, this.bytes.subarray(n * CHUNK, (n + 1) * CHUNK));
  }
}

interface Wanting {
  device: Device;
  chunks: Set<number>;
  asked: number; // chunks, in all
}

type Send = (file: Outgoing, n: number, sealed: Uint8Array, to: Device[]) => void;

/** Sends chunks of all files in turn. */
export class Sender {
  private readonly clock: Clock;
  private readonly files: () => Outgoing[];
  private readonly send: Send;
  private running = false;
  private turn = 0;
  private room = AT_ONCE;
  private roomAt = 0;

  /** `send` throws a SayError where it cannot go out now. */
  constructor(clock: Clock, files: () => Outgoing[], send: Send) {
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
      const next = file?.next();
      if (!file || !next) break;
      const { n, to } = next;
      await this.pause(this.due());
      const sealed = await file.sealed(n);
      if (!this.files().includes(file)) continue; // taken back meanwhile
      try {
        this.send(file, n, sealed, to);
        this.room--;
      } catch (error) {
        if (!(error instanceof SayError)) throw error;
        file.putBack(n, to);
        await this.pause(AGAIN_MS);
      }
    }
    this.running = false;
  }

  private pick(): Outgoing | null {
    const waiting = this.files().filter((file) => file.waiting);
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
