import { expect, test } from 'vitest';
import { ReplayWindow, windowSize } from '../../src/worker/frames/replay.ts';

// The rule in the stupidest words.
class SlowWindow {
  highest = 0n;
  readonly seen = new Set<bigint>();

  fresh(ctr: bigint): boolean {
    return !this.seen.has(ctr) && (ctr > this.highest || this.highest - ctr < windowSize);
  }

  mark(ctr: bigint): void {
    this.seen.add(ctr);
    if (ctr > this.highest) this.highest = ctr;
  }
}

// mulberry32: a seed, and the same numbers every time.
function random(seed: number): (below: number) => bigint {
  let a = seed;
  return (below) => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return BigInt(((t ^ (t >>> 14)) >>> 0) % below);
  };
}

function next(r: (below: number) => bigint, highest: bigint): bigint {
  const below = (d: bigint) => (d > highest ? 0n : highest - d);
  switch (r(10)) {
    case 0n:
      return highest + r(13000);
    case 1n:
      return highest + 129n * 32n + r(3) - 1n;
    case 2n:
      return below(windowSize - 2n + r(4));
    case 3n:
    case 4n:
    case 5n:
      return below(r(4300));
    default:
      return highest + r(4);
  }
}

test('the window agrees with a set, in random orders', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const r = random(seed);
    const fast = new ReplayWindow();
    const slow = new SlowWindow();
    let accepted = 0;
    for (let i = 0; i < 3000; i++) {
      const ctr = next(r, slow.highest);
      const want = slow.fresh(ctr);
      expect(fast.fresh(ctr), `seed ${seed}, ${ctr} under ${slow.highest}`).toBe(want);
      if (!want) continue;
      accepted++;
      fast.mark(ctr);
      slow.mark(ctr);
    }
    expect(accepted).toBeGreaterThan(500);
    expect(accepted).toBeLessThan(3000);
  }
});

test('the ends of the counter', () => {
  const w = new ReplayWindow();
  const last = (1n << 64n) - 1n;
  for (const ctr of [0n, last, last - windowSize + 1n]) {
    expect(w.fresh(ctr)).toBe(true);
    w.mark(ctr);
    expect(w.fresh(ctr)).toBe(false);
  }
  expect(w.fresh(last - windowSize)).toBe(false);
});
