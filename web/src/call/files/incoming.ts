// The receiving side: the chunks of one file that one said yes to, asked for again where they do not come, and the hash of
// it all at the end.
import type { Offer, Range } from './offer.ts';
import { missing } from './offer.ts';
import { ChunkSeal, chunksOf, fromBase64, sha256 } from './seal.ts';

export const STALLED_MS = 10_000; // without a chunk, after which what is missing is asked for again ...
export const MOST_STALLS = 5; // ... so many times in a row

export type Taken = 'more' | 'whole' | 'broken';

export class Incoming {
  readonly offer: Offer;
  private readonly seal: ChunkSeal;
  private readonly parts: (Uint8Array | undefined)[] = [];
  private readonly count: number;
  private have = 0;
  private stalls = 0;
  private file: Uint8Array | null = null;

  constructor(offer: Offer) {
    this.offer = offer;
    this.count = chunksOf(offer.size);
    this.seal = new ChunkSeal(fromBase64(offer.id) ?? new Uint8Array(), offer.key, offer.size);
  }

  /** From 0 to 1. */
  get progress(): number {
    return this.have / this.count;
  }

  get missing(): Range[] {
    return missing(this.parts, this.count);
  }

  /** The whole of it, once its hash is right. */
  get bytes(): Uint8Array | null {
    return this.file;
  }

  /** Nothing came for a while: whether to ask once more. */
  stalled(): boolean {
    return ++this.stalls <= MOST_STALLS;
  }

  /** Takes a chunk in. A sender whose chunk does not open, or whose file has another hash, is not asked again. */
  async take(n: number, sealed: Uint8Array): Promise<Taken> {
    if (n >= this.count || this.parts[n]) return 'more';
    let part: Uint8Array;
    try {
      part = await this.seal.open(n, sealed);
    } catch {
      return 'broken';
    }
    if (this.parts[n]) return 'more'; // it came twice, and opened twice at the same time
    this.parts[n] = part;
    this.have++;
    this.stalls = 0;
    return this.have < this.count ? 'more' : this.whole();
  }

  private async whole(): Promise<Taken> {
    const bytes = new Uint8Array(this.offer.size);
    let at = 0;
    for (const part of this.parts) {
      if (!part) return 'broken';
      bytes.set(part, at);
      at += part.length;
    }
    const hash = await sha256(bytes);
    if (hash.some((byte, i) => byte !== this.offer.hash[i])) return 'broken';
    this.file = bytes;
    return 'whole';
  }
}
