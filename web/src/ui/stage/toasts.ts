/**
 * What is told in passing, one at a time. `Toasts` queues messages and merges joins and leaves that come close together:
 * "Ana, Ben and 3 more joined" is one sentence, not five. The clock comes in as a field.
 */
import { signal } from '@preact/signals';
import { text, textCount, textList } from '../strings/text.ts';

/** How long joins and leaves are collected: names arrive sealed a moment after the person does. */
export const MERGE_MS = 1500;
export const SHOW_MS = 5000;
/** One that offers to do something stays longer, for one must get there; what it offers is to be had elsewhere too. */
export const OFFER_MS = 20_000;
const NAMED = 2;

export interface Clock {
  after(ms: number, run: () => void): () => void;
}

export interface Toast {
  message: string;
  offer?: { label: string; run: () => void };
}

export interface Person {
  key: string;
  name: string;
}

/** One sentence for several people: up to three by name, else two names and a count. */
export function sentence(kind: 'joined' | 'left', names: string[]): string {
  const rest = names.length - NAMED;
  const shown = rest > 1 ? [...names.slice(0, NAMED), textCount('toast.more', rest)] : names;
  return text(kind === 'joined' ? 'toast.joined' : 'toast.left', { names: textList(shown) });
}

export class Toasts {
  readonly current = signal<Toast | null>(null);
  private waiting: Toast[] = [];
  private joined = new Map<string, string>();
  private left = new Map<string, string>();
  private present: Map<string, string> | null = null;
  private collecting: (() => void) | null = null;
  private showing: (() => void) | null = null;

  /** `moved` hears of those who come and go, too. */
  constructor(
    private readonly clock: Clock,
    private readonly moved: (kind: 'joined' | 'left', names: string[]) => void = () => {},
  ) {}

  say(message: string, offer?: Toast['offer']): void {
    if (this.waiting.at(-1)?.message === message) return;
    this.waiting.push({ message, ...(offer ? { offer } : {}) });
    if (this.showing === null) this.next();
  }

  /**
   * Tells who is here now. The first call only takes note, for joining a full room is not fifty people joining.
   * Somebody who left and came back within the window did neither.
   */
  people(now: Person[]): void {
    const before = this.present;
    this.present = new Map(now.map(({ key, name }) => [key, name]));
    if (before === null) return;
    for (const [key, name] of this.present) {
      if (!before.has(key) && !this.left.delete(key)) this.joined.set(key, name);
      else if (this.joined.has(key)) this.joined.set(key, name);
    }
    for (const [key, name] of before) {
      if (!this.present.has(key) && !this.joined.delete(key)) this.left.set(key, name);
    }
    if (this.collecting === null && this.joined.size + this.left.size > 0) {
      this.collecting = this.clock.after(MERGE_MS, () => this.flush());
    }
  }

  dismiss(): void {
    this.showing?.();
    this.next();
  }

  close(): void {
    this.showing?.();
    this.collecting?.();
    this.showing = this.collecting = null;
    this.waiting = [];
    this.current.value = null;
  }

  private flush(): void {
    this.collecting = null;
    const joined = [...this.joined.values()];
    const left = [...this.left.values()];
    this.joined.clear();
    this.left.clear();
    if (joined.length > 0) this.tell('joined', joined);
    if (left.length > 0) this.tell('left', left);
  }

  private tell(kind: 'joined' | 'left', names: string[]): void {
    this.say(sentence(kind, names));
    this.moved(kind, names);
  }

  private next(): void {
    const toast = this.waiting.shift() ?? null;
    this.current.value = toast;
    this.showing = toast && this.clock.after(toast.offer ? OFFER_MS : SHOW_MS, () => this.next());
  }
}
