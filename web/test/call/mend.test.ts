import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Mender } from '../../src/call/mend.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

class Bench {
  restarts = 0;
  lost = 0;
  answered: () => void = () => {};
  readonly mender = new Mender({
    restart: () => {
      this.restarts++;
      return new Promise((resolve) => {
        this.answered = resolve;
      });
    },
    lost: () => void this.lost++,
  });

  async answer(): Promise<void> {
    this.answered();
    await vi.advanceTimersByTimeAsync(0);
  }
}

test('a broken connection is restarted until it is up again', async () => {
  const b = new Bench();
  b.mender.changed('connecting');
  b.mender.changed('connected');
  expect(b.restarts).toBe(0);
  b.mender.changed('disconnected');
  expect(b.restarts).toBe(1);
  await b.answer();
  b.mender.changed('failed'); // no second beginning
  expect(b.restarts).toBe(1);
  await vi.advanceTimersByTimeAsync(5000);
  expect(b.restarts).toBe(2);
  await b.answer();
  b.mender.changed('connected');
  await vi.advanceTimersByTimeAsync(120_000);
  expect([b.restarts, b.lost]).toEqual([2, 0]);
});

test('while signalling is down restarts do not pile up, and after half a minute it is over', async () => {
  const b = new Bench();
  b.mender.changed('failed');
  await vi.advanceTimersByTimeAsync(29_999);
  expect([b.restarts, b.lost]).toEqual([1, 0]);
  await vi.advanceTimersByTimeAsync(1);
  expect(b.lost).toBe(1);
  await b.answer();
  await vi.advanceTimersByTimeAsync(60_000);
  b.mender.changed('failed');
  expect([b.restarts, b.lost]).toEqual([1, 1]);
});

test('a change of network restarts what looks well', async () => {
  const b = new Bench();
  b.mender.networkChanged();
  expect(b.restarts).toBe(0); // nothing has begun
  b.mender.changed('connected');
  b.mender.networkChanged();
  expect(b.restarts).toBe(1);
  await b.answer();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([b.restarts, b.lost]).toEqual([1, 0]); // it was well
});

test('nothing happens after the end', async () => {
  const b = new Bench();
  b.mender.changed('disconnected');
  b.mender.close();
  b.mender.changed('disconnected');
  b.mender.networkChanged();
  await b.answer();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([b.restarts, b.lost]).toEqual([1, 0]);
});
