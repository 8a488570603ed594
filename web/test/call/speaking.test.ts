import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Speaking } from '../../src/call/speaking.ts';
import type { Device } from '../../src/wire.ts';

const ada: Device = { user: '@ada:x', device: 'ADA', join_id: 'AAAA' };
const ben: Device = { user: '@ben:x', device: 'BEN', join_id: 'BBBB' };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function bench() {
  const told: string[] = [];
  return { told, speaking: new Speaking((devices) => told.push(devices.map(({ device }) => device).join(' '))) };
}

test('whoever begins is told at once, whoever ends a moment later', () => {
  const { told, speaking } = bench();
  speaking.hear([ada]);
  speaking.hear([ben, ada]);
  speaking.hear([ben]);
  vi.advanceTimersByTime(1499);
  expect(told).toEqual(['ADA', 'ADA BEN']);
  vi.advanceTimersByTime(1);
  expect(told.at(-1)).toBe('BEN');
});

test('a pause for breath is not told', () => {
  const { told, speaking } = bench();
  for (let i = 0; i < 10; i++) {
    speaking.hear([ada]);
    vi.advanceTimersByTime(300);
    speaking.hear([]);
    vi.advanceTimersByTime(700);
  }
  expect(told).toEqual(['ADA']);
});

test('nobody is told of after the end', () => {
  const { told, speaking } = bench();
  speaking.hear([ada]);
  speaking.hear([]);
  speaking.stop();
  vi.advanceTimersByTime(5000);
  expect(told).toEqual(['ADA']);
});
