import { FrameError } from './errors.ts';
import type { Header } from './header.ts';

// The twin of mediacrypt's Order; both are tested with mediacrypt/testdata/order.json.

/** How many frames are compared with, and how many in a row are refused before the sender's clock is believed to have begun anew. */
const memory = 64;
/** How far behind the newest timestamp a frame may come: 64 frames of 20 ms at the 48 kHz of Opus (RFC 7587 §4.1). */
const maxLateTicks = memory * 960;

type Position = Pick<Header, 'kid' | 'ctr'>;

interface OrderedFrame extends Position {
  timestamp: number | undefined;
}

/**
 * Sees to it that the sound of one source of one sender is played in the order in which it was sealed: the server writes
 * the RTP timestamps, by which frames are played, and they must agree with (KID, CTR), which are authenticated. It lives
 * beside the sender's Opener, since it must outlive tracks.
 */
export class Order {
  #track: unknown;
  #floor: Position | undefined; // the highest position before this track; none on the first
  #recent: OrderedFrame[] = []; // the highest that this track accepted, in order of position
  #behind = 0; // refused in a row, since they lie behind in time though ahead in position

  /**
   * Takes a frame that has opened; throws code 'order' if it would be heard out of order, and then changes nothing that
   * was accepted. `track` is another one (by ===) whenever timestamps begin anew. The rules are those of the Go
   * package. Without a timestamp, in a browser that tells none, positions alone must rise: what the network re-ordered
   * is lost then, and nothing is heard twice or late.
   */
  accept(position: Position, timestamp: number | undefined, track: unknown): void {
    const frame = { kid: position.kid, ctr: position.ctr, timestamp };
    const highest = this.#recent.at(-1);
    if (highest === undefined) return this.#begin(frame, track);
    const above = compare(frame, highest) > 0;
    if (track !== this.#track) {
      if (!above) throw new FrameError('order', frame.kid);
      return this.#begin(frame, track);
    }
    if (this.#agrees(frame, highest)) {
      this.#behind = 0;
      return this.#insert(frame);
    }
    if (!above || ++this.#behind < memory) throw new FrameError('order', frame.kid);
    this.#begin(frame, track);
  }

  #begin(frame: OrderedFrame, track: unknown): void {
    this.#floor = this.#recent.at(-1);
    this.#recent = [frame];
    this.#track = track;
    this.#behind = 0;
  }

  #agrees(frame: OrderedFrame, highest: OrderedFrame): boolean {
    if (frame.timestamp === undefined || highest.timestamp === undefined) return compare(frame, highest) > 0;
    if (this.#floor !== undefined && compare(frame, this.#floor) <= 0) return false;
    const lowest = this.#recent[0];
    if (this.#recent.length === memory && lowest !== undefined && compare(frame, lowest) < 0) return false;
    if (compareTimestamps(frame.timestamp, highest.timestamp) < 0) {
      if ((highest.timestamp - frame.timestamp) >>> 0 > maxLateTicks) return false;
    }
    const { timestamp } = frame;
    return this.#recent.every((other) => {
      const above = compare(frame, other);
      if (above > 0 && timestamp === other.timestamp) return true; // Firefox begins so; a player takes one of the two
      const later = other.timestamp === undefined ? above : compareTimestamps(timestamp, other.timestamp);
      return above !== 0 && above === later;
    });
  }

  /** Keeps the memory in order; the lowest goes when it is full. */
  #insert(frame: OrderedFrame): void {
    if (this.#recent.length === memory) this.#recent.shift();
    const at = this.#recent.findLastIndex((other) => compare(other, frame) < 0);
    this.#recent.splice(at + 1, 0, frame);
  }
}

/** Frames as their sender sealed them: generation, index, counter. */
function compare(a: Position, b: Position): number {
  if (a.kid !== b.kid) return a.kid < b.kid ? -1 : 1;
  if (a.ctr !== b.ctr) return a.ctr < b.ctr ? -1 : 1;
  return 0;
}

/** RFC 3550's serials: modulo 2^32. Equal, or 2^31 apart, is neither earlier (-1) nor later (1). */
function compareTimestamps(a: number, b: number): number {
  const ahead = (a - b) >>> 0;
  if (ahead === 0 || ahead === 0x80000000) return 0;
  return ahead < 0x80000000 ? 1 : -1;
}
