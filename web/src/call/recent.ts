// The meetings one took part in, in this browser, by their names. With a meeting's secret only where the person said so:
// sealed, under a key that no script can export (worker/secret.ts). Forgetting one deletes the sealed form.
//
// Does not protect against a script of this origin, nor against whoever sits at this browser: they may open the meeting.
import { signal } from '@preact/signals';
import type { EngineClient } from './engine_client.ts';

const STORED = 'grotto.recent';
const MOST = 12;
const SLUG = /^[a-z0-9-]{3,64}$/;

export interface RecentMeeting {
  slug: string;
  /** When it was joined last, ms since 1970. */
  at: number;
  /** Its secret is kept: it can be opened without its link. */
  complete: boolean;
}

interface Entry {
  slug: string;
  at: number;
  sealed?: string;
}

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null;

export class Recent {
  readonly list = signal<RecentMeeting[]>([]);
  private readonly storage: Store;

  /** Null where the browser keeps nothing. */
  constructor(storage: Store) {
    this.storage = storage;
    this.show(this.read());
  }

  sealed(slug: string): string | null {
    return this.read().find((entry) => entry.slug === slug)?.sealed ?? null;
  }

  /** Puts a meeting first, with the sealed form of its secret or without. */
  note(slug: string, at: number, sealed: string | null): void {
    const others = this.read().filter((entry) => entry.slug !== slug);
    this.write([{ slug, at, ...(sealed ? { sealed } : {}) }, ...others].slice(0, MOST));
  }

  forget(slug: string): void {
    this.write(this.read().filter((entry) => entry.slug !== slug));
  }

  /** What is stored may be of another version, or of somebody's own making. */
  private read(): Entry[] {
    try {
      const stored: unknown = JSON.parse(this.storage?.getItem(STORED) ?? '[]');
      return Array.isArray(stored) ? stored.filter(isEntry).slice(0, MOST) : [];
    } catch {
      return [];
    }
  }

  private write(entries: Entry[]): void {
    try {
      if (entries.length > 0) this.storage?.setItem(STORED, JSON.stringify(entries));
      else this.storage?.removeItem(STORED);
    } catch {
      return; // a full storage keeps what it had
    }
    this.show(entries);
  }

  private show(entries: Entry[]): void {
    this.list.value = entries.map(({ slug, at, sealed }) => ({ slug, at, complete: sealed !== undefined }));
  }
}

/** Of this browser. */
export function recentMeetings(): Recent {
  try {
    return new Recent(globalThis.localStorage ?? null);
  } catch {
    return new Recent(null); // storage is switched off
  }
}

/** One meeting's place in that list. */
export class KeptLink {
  /** The meeting's secret is kept for later. */
  readonly kept = signal(false);
  private readonly recent: Recent;
  private readonly slug: string;

  constructor(recent: Recent, slug: string) {
    this.recent = recent;
    this.slug = slug;
    this.kept.value = this.sealed !== null;
  }

  get sealed(): string | null {
    return this.recent.sealed(this.slug);
  }

  /** It was joined; `keep` is what the person said of its secret. A secret that cannot be kept leaves the name. */
  async joined(engine: EngineClient, keep: boolean): Promise<void> {
    const before = this.sealed;
    const sealed = keep ? await engine.keepSecret({ lasting: true }).catch(() => '') : '';
    this.recent.note(this.slug, Date.now(), sealed);
    this.kept.value = sealed !== '';
    if (before !== null) engine.forget(before);
  }

  /** The link was changed: what is kept of the one before opens nothing any more. */
  async changed(engine: EngineClient): Promise<void> {
    if (this.kept.value) await this.joined(engine, true);
  }

  /** What is kept does not open: its key is gone. */
  lose(): void {
    this.recent.note(this.slug, Date.now(), null);
    this.kept.value = false;
  }
}

function isEntry(value: unknown): value is Entry {
  const { slug, at, sealed } = (value ?? {}) as Partial<Record<keyof Entry, unknown>>;
  const named = typeof slug === 'string' && SLUG.test(slug);
  return named && Number.isSafeInteger(at) && (sealed === undefined || typeof sealed === 'string');
}
