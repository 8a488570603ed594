import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EngineClient } from '../../src/call/engine_client.ts';
import type { Problem } from '../../src/call/view.ts';
import { FakeWorker } from './fake_worker.ts';

function bench() {
  const worker = new FakeWorker();
  const problems: Problem[] = [];
  const client = new EngineClient(worker.asWorker(), (problem) => problems.push(problem));
  return { worker, client, problems };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the worker’s client', () => {
  test('matches answers to questions', async () => {
    const { worker, client } = bench();
    const [link, sealed] = [client.readSecret(), client.setSecret('half of one')];
    worker.say({ type: 'refused', id: 2, failure: { code: 'bad_secret', message: 'too short' } });
    worker.say({ type: 'secret', id: 1, secret: 'whole' });
    expect(await link).toBe('whole');
    await expect(sealed).rejects.toMatchObject({ message: 'too short' });
  });

  test.each<[string, (worker: FakeWorker) => void, string]>([
    [
      'says that the engine failed',
      (w) => w.say({ type: 'failed', failure: { code: 'engine_failed', message: 'x' } }),
      'engine_failed',
    ],
    ['crashes', (w) => w.onerror?.({ message: 'x' }), 'worker_failed'],
    ['cannot be loaded', (w) => w.onerror?.({ message: '' }), 'worker_failed'],
  ])('a worker that %s is lost, once and for all', async (_, crash, code) => {
    const { worker, client, problems } = bench();
    const pending = client.readSecret();
    crash(worker);
    crash(worker);
    expect(problems.map((p) => p.code)).toEqual([code]);
    expect(worker.terminated).toBe(true);
    expect(client.trouble?.code).toBe(code);
    await expect(pending).rejects.toThrow();
    await expect(client.readSecret()).rejects.toThrow();
  });

  test('a worker that stops answering is lost after a few pings', () => {
    const { worker, problems } = bench();
    worker.say({ type: 'ready' });
    vi.advanceTimersByTime(60_000);
    expect(problems).toEqual([]);
    worker.answersPings = false;
    vi.advanceTimersByTime(8000);
    expect(problems).toEqual([]);
    vi.advanceTimersByTime(4000);
    expect(problems.map((p) => p.code)).toEqual(['worker_failed']);
  });
});
