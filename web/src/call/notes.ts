// What features keep of a call over a reload of the page, beside how one takes part (stored.ts): one's own polls, the
// breakout rooms one opened. Sealed as the link's secret is, under a key that no script can export, and kept for this tab
// until one leaves.
//
// Does not protect against a script of this origin, which may have it opened as this page does.
import { forgetNotes, storedNotes, storeNotes, type TabStorage } from './stored.ts';

const AHEAD_MS = 2000;

/** Of the engine, what seals and opens. */
export interface NoteKeeper {
  keepNote(text: string): Promise<string>;
  openNote(sealed: string): Promise<string>;
  forget(sealed: string): void;
}

/** What a feature of the call needs of it. */
export interface Notebook {
  /** `restore` is called with what was kept, after a reload. What is answered keeps something new; null nothing. */
  entry(name: string, restore: (kept: object) => void | Promise<void>): (value: object | null) => void;
}

export class Notes implements Notebook {
  private readonly storage: TabStorage;
  private readonly slug: string;
  private readonly keeper: () => NoteKeeper | null;
  private readonly restoring = new Map<string, (kept: object) => void | Promise<void>>();
  private readonly values = new Map<string, object>();
  private sealed = '';
  private changed = false;
  private writing: Promise<void> | null = null;

  constructor(storage: TabStorage, slug: string, keeper: () => NoteKeeper | null) {
    this.storage = storage;
    this.slug = slug;
    this.keeper = keeper;
  }

  entry(name: string, restore: (kept: object) => void | Promise<void>): (value: object | null) => void {
    this.restoring.set(name, restore);
    return (value) => {
      if (value) this.values.set(name, value);
      else if (!this.values.delete(name)) return;
      this.changed = true;
      this.writing ??= this.write();
    };
  }

  /**
   * Keeps something for the page of another room, which goes on with it. Where it cannot be kept, or takes long, that page
   * begins without: nobody waits at a door for it.
   */
  async ahead(slug: string, values: object): Promise<void> {
    const keeping = this.keeper()
      ?.keepNote(JSON.stringify(values))
      .catch(() => '');
    const sealed = await Promise.race([keeping, new Promise<''>((resolve) => setTimeout(resolve, AHEAD_MS, ''))]);
    if (sealed) storeNotes(this.storage, slug, sealed);
  }

  /** A call begins: with what was kept if the page was loaded anew in it. */
  async begin(returning: boolean): Promise<void> {
    this.values.clear();
    const sealed = storedNotes(this.storage, this.slug);
    // A tab that was duplicated has a copy: the key it opens with is the other tab's to delete.
    if (!returning) forgetNotes(this.storage, this.slug);
    if (!returning || sealed === null) return;
    this.sealed = sealed;
    // Where its key is gone there is nothing to restore.
    const text = await this.keeper()
      ?.openNote(sealed)
      .catch(() => null);
    const kept = (text ? JSON.parse(text) : {}) as Record<string, object>;
    for (const [name, value] of Object.entries(kept)) {
      this.values.set(name, value);
      await this.restoring.get(name)?.(value);
    }
  }

  /** One has left: what was kept opens no more. */
  forget(): void {
    this.values.clear();
    this.changed = false;
    forgetNotes(this.storage, this.slug);
    if (this.sealed !== '') this.keeper()?.forget(this.sealed);
    this.sealed = '';
  }

  /** One after the other, and only the newest of those that wait. */
  private async write(): Promise<void> {
    while (this.changed) {
      this.changed = false;
      const keeper = this.keeper();
      const text = JSON.stringify(Object.fromEntries(this.values));
      const sealed = (this.values.size > 0 && (await keeper?.keepNote(text).catch(() => ''))) || '';
      if (this.sealed !== '') keeper?.forget(this.sealed);
      const left = this.values.size === 0; // by now
      if (left && sealed !== '') keeper?.forget(sealed);
      this.sealed = left ? '' : sealed;
      if (this.sealed === '') forgetNotes(this.storage, this.slug);
      else storeNotes(this.storage, this.slug, this.sealed);
    }
    this.writing = null;
  }
}
