import { describe, expect, test } from 'vitest';
import { Codec, FrameError, Opener, Order, Sealer, Source } from '../../src/worker/frames/index.ts';
import { readOrder } from './vectors.ts';

const kid = (3n << 16n) | 17n;
const key = new Uint8Array(32).fill(1);

function accepts(order: Order, position: { kid: bigint; ctr: bigint }, timestamp: number | undefined, track: unknown) {
  try {
    order.accept(position, timestamp, track);
    return true;
  } catch (e) {
    expect(e).toMatchObject({ code: 'order', kid: position.kid });
    expect(e).toBeInstanceOf(FrameError);
    return false;
  }
}

describe('the vectors that Go wrote', () => {
  const { cases } = readOrder('order.json');
  expect(cases.length).toBeGreaterThanOrEqual(12);
  test.each(cases)('$name', ({ frames }) => {
    const order = new Order();
    for (const [i, f] of frames.entries()) {
      const accepted = accepts(order, { kid: BigInt(f.kid), ctr: BigInt(f.ctr) }, f.timestamp, f.track);
      expect(accepted, `frame ${i}: ${f.kid} ${f.ctr} at ${f.timestamp}`).toBe(f.accepted);
    }
  });
});

test('without timestamps, positions alone must rise', () => {
  const order = new Order();
  const heard = [0n, 1n, 3n, 2n, 3n, 4n].filter((ctr) => accepts(order, { kid, ctr }, undefined, 1));
  expect(heard).toEqual([0n, 1n, 3n, 4n]);
  expect(accepts(order, { kid, ctr: 4n }, undefined, 2)).toBe(false);
  expect(accepts(order, { kid, ctr: 5n }, undefined, 2)).toBe(true);
  for (let ctr = 200n; ctr > 100n; ctr--) expect(accepts(order, { kid, ctr }, undefined, 2)).toBe(ctr === 200n);
});

describe('a server that holds 82 seconds of speech', () => {
  const count = 4096; // as many as the replay window
  const all = Array.from({ length: count }, (_, i) => i);

  async function hear(plan: { i: number; timestamp: number; track: number }[]) {
    const sealer = new Sealer(kid, key);
    const sealed = await Promise.all(
      all.map((i) => sealer.seal(Source.mic, Codec.opus, Uint8Array.of(i >> 8, i & 255, 1))),
    );
    const opener = new Opener();
    opener.add(kid, key);
    const order = new Order();
    const heard: number[] = [];
    let opened = 0; // what would be heard with the check off
    for (const { i, timestamp, track } of plan) {
      const position = await opener.open(Source.mic, Codec.opus, sealed[i] ?? new Uint8Array(0));
      opened++;
      if (accepts(order, position, timestamp, track)) heard.push(i);
    }
    return { opened, heard };
  }

  test('F15: hands it on as it was said, and all of it is heard', async () => {
    const { heard } = await hear(all.map((i) => ({ i, timestamp: i * 960, track: 1 })));
    expect(heard).toEqual(all);
  });

  test('F15: re-orders it under timestamps of its own: the earlier half is dropped', async () => {
    const swapped = [...all.slice(count / 2), ...all.slice(0, count / 2)];
    const { opened, heard } = await hear(swapped.map((i, at) => ({ i, timestamp: at * 960, track: 1 })));
    expect(opened).toBe(count);
    expect(heard).toEqual(all.slice(count / 2));
  });

  test('F15: turns it round: one frame is heard', async () => {
    const { opened, heard } = await hear(all.toReversed().map((i, at) => ({ i, timestamp: at * 960, track: 1 })));
    expect(opened).toBe(count);
    expect(heard).toEqual([count - 1]);
  });

  test('F15: plays what it held back on a new track: dropped', async () => {
    const plan = [...all.slice(1000, 2000), ...all.slice(0, 1000), ...all.slice(2000)];
    const { opened, heard } = await hear(
      plan.map((i, at) => ({ i, timestamp: i * 960, track: at < 1000 ? 1 : at < 2000 ? 2 : 3 })),
    );
    expect(opened).toBe(count);
    expect(heard).toEqual(all.slice(1000));
  });
});
