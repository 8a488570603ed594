/** How far below the highest counter a frame may still come. */
export const windowSize = 4096n;

const blockBits = 32n;
// One more than the window has, so that the block being filled is never one still asked about (RFC 6479 §2).
const blocks = windowSize / blockBits + 1n;

/** Which of the latest counters were accepted, as a bitmap in a ring of blocks (RFC 6479). Counters start at 0. */
export class ReplayWindow {
  #highest = 0n;
  readonly #ring = new Uint32Array(Number(blocks));

  /** Whether ctr may be accepted: neither marked nor below the window. */
  fresh(ctr: bigint): boolean {
    if (ctr > this.#highest) return true;
    if (this.#highest - ctr >= windowSize) return false;
    return ((this.#ring[slot(ctr)] ?? 0) & bit(ctr)) === 0;
  }

  /** Records ctr, for which fresh was true, and moves the window up if it is a new highest. */
  mark(ctr: bigint): void {
    if (ctr > this.#highest) {
      let block = this.#highest / blockBits;
      let entered = ctr / blockBits - block;
      if (entered > blocks) entered = blocks; // each block of the ring once
      for (; entered > 0n; entered--) {
        block++;
        this.#ring[Number(block % blocks)] = 0;
      }
      this.#highest = ctr;
    }
    const at = slot(ctr);
    this.#ring[at] = (this.#ring[at] ?? 0) | bit(ctr);
  }
}

function slot(ctr: bigint): number {
  return Number((ctr / blockBits) % blocks);
}

function bit(ctr: bigint): number {
  return 1 << Number(ctr % blockBits);
}
