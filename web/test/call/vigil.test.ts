import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Vigil } from '../../src/call/vigil.ts';

class FakeDocument extends EventTarget {
  hidden = false;
  look(hidden: boolean) {
    this.hidden = hidden;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

let page: FakeDocument;
let window: EventTarget;
let locks: { released: boolean }[];
let woke: number;
let guarded: boolean;
let vigil: Vigil;

beforeEach(() => {
  vi.useFakeTimers();
  page = new FakeDocument();
  window = new EventTarget();
  locks = [];
  woke = 0;
  guarded = true;
  vi.stubGlobal('document', page);
  vi.stubGlobal('addEventListener', window.addEventListener.bind(window));
  vi.stubGlobal('removeEventListener', window.removeEventListener.bind(window));
  const request = async () => {
    const lock = { released: false, release: () => Object.assign(lock, { released: true }) };
    locks.push(lock);
    return lock;
  };
  vi.stubGlobal('navigator', { wakeLock: { request } });
  vigil = new Vigil({ woke: () => woke++, guarded: () => guarded });
});
afterEach(() => {
  vigil.end();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('the screen stays on while a call lasts, also after the page was hidden', async () => {
  vigil.begin();
  vigil.begin();
  expect(locks).toHaveLength(1);
  page.look(true);
  page.look(false);
  expect(locks).toHaveLength(2);
  vigil.end();
  await vi.advanceTimersByTimeAsync(0);
  expect(locks[1]?.released).toBe(true);
  page.look(false);
  expect(locks).toHaveLength(2);
});

test('a browser without such a lock, or that refuses it, is none the worse', async () => {
  vi.stubGlobal('navigator', {});
  vigil.begin();
  vigil.end();
  vi.stubGlobal('navigator', { wakeLock: { request: () => Promise.reject(new Error('battery is low')) } });
  vigil.begin();
  vigil.end();
  await vi.advanceTimersByTimeAsync(0);
});

test('leaving the page is asked about while something would be missed', () => {
  const leaving = () => {
    const event = new Event('beforeunload', { cancelable: true });
    window.dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect(leaving()).toBe(false);
  vigil.begin();
  expect(leaving()).toBe(true);
  guarded = false;
  expect(leaving()).toBe(false);
  guarded = true;
  vigil.end();
  expect(leaving()).toBe(false);
});

test('a machine that slept is noticed when it wakes; a page that ticks rarely in the background is not one', async () => {
  vigil.begin();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(woke).toBe(0);
  vi.setSystemTime(Date.now() + 3_600_000);
  await vi.advanceTimersByTimeAsync(5000);
  expect(woke).toBe(1);
  page.look(true);
  vi.setSystemTime(Date.now() + 60_000);
  await vi.advanceTimersByTimeAsync(5000);
  page.look(false);
  vi.setSystemTime(Date.now() + 60_000);
  await vi.advanceTimersByTimeAsync(5000);
  expect(woke).toBe(1);
  page.look(true);
  vi.setSystemTime(Date.now() + 3_600_000); // with the page in the background
  await vi.advanceTimersByTimeAsync(5000);
  expect(woke).toBe(2);
});
