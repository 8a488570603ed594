// What outlives a reload: sealed, the newest, for this tab, until one leaves.
import { expect, test, vi } from 'vitest';
import { Notes } from '../../src/call/notes.ts';
import { FakeStorage } from './fake_storage.ts';

const ITEM = 'grotto.notes.blue';

class Keeper {
  readonly open = new Map<string, string>();
  made = 0;
  async keepNote(text: string): Promise<string> {
    const sealed = `sealed ${++this.made}`;
    await Promise.resolve();
    this.open.set(sealed, text);
    return sealed;
  }
  async openNote(sealed: string): Promise<string> {
    const text = this.open.get(sealed);
    if (text === undefined) throw new Error('the key is gone');
    return text;
  }
  forget(sealed: string): void {
    this.open.delete(sealed);
  }
}

function tab(storage: FakeStorage, keeper: Keeper | null) {
  const notes = new Notes(storage, 'blue', () => keeper);
  const restored: object[] = [];
  const keep = notes.entry('polls', (kept) => void restored.push(kept));
  const other = notes.entry('rooms', (kept) => void restored.push(kept));
  return { notes, keep, other, restored };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));

test('the newest is there again after a reload, and the storage has only its sealed form', async () => {
  const [storage, keeper] = [new FakeStorage(), new Keeper()];
  const before = tab(storage, keeper);
  for (const n of [1, 2, 3]) before.keep({ n });
  before.other({ secret: 'x' });
  await settle();
  expect([...keeper.open.values()]).toEqual(['{"polls":{"n":3},"rooms":{"secret":"x"}}']); // of one before the key is gone
  expect(storage.getItem(ITEM)).toBe([...keeper.open.keys()][0]);
  const after = tab(storage, keeper);
  await after.notes.begin(true);
  expect(after.restored).toEqual([{ n: 3 }, { secret: 'x' }]);
  after.other({ secret: 'y' });
  await settle();
  expect([...keeper.open.values()]).toEqual(['{"polls":{"n":3},"rooms":{"secret":"y"}}']); // the rest stays
  after.keep(null);
  after.other(null);
  await settle();
  expect([keeper.open.size, storage.length]).toEqual([0, 0]);
});

test('who leaves leaves nothing, also where something was just being sealed', async () => {
  const [storage, keeper] = [new FakeStorage(), new Keeper()];
  const { notes, keep } = tab(storage, keeper);
  keep({ n: 1 });
  await settle();
  keep({ n: 2 });
  notes.forget();
  await settle();
  expect([keeper.open.size, storage.length]).toEqual([0, 0]);
});

test('who joins anew begins with nothing, and takes no other tab’s key', async () => {
  const [storage, keeper] = [new FakeStorage(), new Keeper()];
  const first = tab(storage, keeper);
  first.keep({ n: 1 });
  await settle();
  const copy = tab(storage, keeper);
  await copy.notes.begin(false);
  expect([copy.restored, storage.length, keeper.open.size]).toEqual([[], 0, 1]);
});

test('where the browser keeps nothing, or the key is gone, one goes on without', async () => {
  const [storage, keeper] = [new FakeStorage(), new Keeper()];
  storage.setItem(ITEM, 'sealed 7');
  const { notes, keep, restored } = tab(storage, keeper);
  await notes.begin(true);
  expect(restored).toEqual([]);
  keeper.keepNote = () => Promise.reject(new Error('no database'));
  keep({ n: 1 });
  await settle();
  expect(storage.length).toBe(0);
});

test('what another page is to begin with is there, or one goes on without', async () => {
  const [storage, keeper] = [new FakeStorage(), new Keeper()];
  const { notes } = tab(storage, keeper);
  await notes.ahead('blue--one', { polls: { n: 1 } });
  expect(keeper.open.get(storage.getItem('grotto.notes.blue--one') ?? '')).toBe('{"polls":{"n":1}}');
  vi.useFakeTimers();
  keeper.keepNote = () => new Promise(() => {});
  const gone = notes.ahead('blue--two', {});
  await vi.advanceTimersByTimeAsync(2000);
  await gone;
  vi.useRealTimers();
  expect(storage.getItem('grotto.notes.blue--two')).toBeNull();
});
