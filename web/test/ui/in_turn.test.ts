import { expect, test, vi } from 'vitest';
import { inTurn } from '../../src/ui/controls/in_turn.ts';

test('one thing is done at once, many one a task, and what was taken back not at all', () => {
  vi.useFakeTimers();
  const done: string[] = [];
  const cancels = ['a', 'b', 'c', 'd'].map((name) => inTurn(() => void done.push(name)));
  expect(done).toEqual(['a']);
  cancels[2]?.();
  vi.advanceTimersToNextTimer();
  expect(done).toEqual(['a', 'b']);
  vi.advanceTimersToNextTimer();
  expect(done).toEqual(['a', 'b', 'd']);
  vi.runAllTimers();
  inTurn(() => void done.push('e'));
  expect(done).toEqual(['a', 'b', 'd', 'e']);
  vi.useRealTimers();
});
