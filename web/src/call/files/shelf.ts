// The files as they are shown, ours and those of others, by their keys.
import { signal } from '@preact/signals';
import type { FileState, FileView } from './files_view.ts';

export class Shelf {
  readonly all = signal<ReadonlyMap<string, FileView>>(new Map());
  private readonly most: number;

  /** Beyond `most`, those that are gone make room. */
  constructor(most: number) {
    this.most = most;
  }

  state(key: string): FileState | null {
    return this.all.value.get(key)?.state ?? null;
  }

  count(state: FileState): number {
    return [...this.all.value.values()].filter((view) => view.state === state).length;
  }

  /** One that was offered just now. */
  add(file: Pick<FileView, 'key' | 'name' | 'size' | 'self' | 'state'>): void {
    this.put({ ...file, progress: 0, taken: 0, sending: false });
  }

  /** What is not there any more does not change. */
  change(key: string, change: Partial<FileView>): void {
    const view = this.all.value.get(key);
    if (view) this.put({ ...view, ...change });
  }

  clear(): void {
    this.all.value = new Map();
  }

  private put(view: FileView): void {
    const views = new Map(this.all.value).set(view.key, view);
    if (views.size > this.most) views.delete([...views].find(([, { state }]) => state === 'gone')?.[0] ?? '');
    this.all.value = views;
  }
}
