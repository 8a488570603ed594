// How often the operator's page asks: at once, and then only while somebody looks at it.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keepAsking } from '../../src/admin/use.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a page that is hidden asks once, and goes on when it is seen', async () => {
  const page = { hidden: true };
  vi.stubGlobal('document', page);
  const heard: number[] = [];
  let asked = 0;
  const end = keepAsking(
    async () => ++asked,
    1000,
    (answer) => heard.push(answer),
    () => {},
  );
  await vi.advanceTimersByTimeAsync(5500);
  expect(heard).toEqual([1]);
  page.hidden = false;
  await vi.advanceTimersByTimeAsync(2000);
  expect(heard).toEqual([1, 2, 3]);
  end();
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked).toBe(3);
});

test('a refusal is told, and the next answer is heard all the same; what comes after the end is not', async () => {
  vi.stubGlobal('document', { hidden: false });
  const told: unknown[] = [];
  let asked = 0;
  const ask = async () => {
    if (++asked === 1) throw new Error('no');
    return 'yes';
  };
  const end = keepAsking(
    ask,
    1000,
    (answer) => told.push(answer),
    ({ message }) => told.push(message),
  );
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual(['Error: no', 'yes']);
  vi.advanceTimersByTime(1000);
  end();
  await vi.advanceTimersByTimeAsync(5000);
  expect([asked, told.length]).toEqual([3, 2]);
});
