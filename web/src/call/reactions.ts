// Reactions: one of a few emoji, shown for a moment. Nobody can fill the screen with them.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { PersonRef } from './view.ts';

/** A reaction, shown for a moment. */
export interface ReactionView {
  id: number;
  name: string;
  from: PersonRef;
  emoji: string;
}

export const REACTION_KIND = 'grotto.reaction';
export const REACTIONS: readonly string[] = ['👍', '👏', '❤️', '😂', '😮', '🎉'];

const SHOWN_MS = 5000;
const PER_SECOND = 5; // of one sender; more are not shown

export interface Clock {
  now(): number; // ms
  setTimeout(act: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** Null for anything that is not one of the few: a reaction carries no text. */
export function readReaction({ emoji }: Record<string, unknown>): string | null {
  return typeof emoji === 'string' && REACTIONS.includes(emoji) ? emoji : null;
}

export class Reactions {
  private readonly all = signal<ReactionView[]>([]);
  private readonly clock: Clock;
  private readonly recent = new Map<string, number[]>(); // by sender, the times of the last second
  private readonly timers = new Set<unknown>();
  private lastID = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get shown(): ReadonlySignal<ReactionView[]> {
    return this.all;
  }

  /** Shows a reaction for a moment; false where this sender has had enough. */
  add(name: string, from: PersonRef, emoji: string): boolean {
    if (!this.allowed(`${from.user}|${from.device}`)) return false;
    const id = ++this.lastID;
    this.all.value = [...this.all.value, { id, name, from, emoji }];
    const timer = this.clock.setTimeout(() => {
      this.timers.delete(timer);
      this.all.value = this.all.value.filter((reaction) => reaction.id !== id);
    }, SHOWN_MS);
    this.timers.add(timer);
    return true;
  }

  clear(): void {
    for (const timer of this.timers) this.clock.clearTimeout(timer);
    this.timers.clear();
    this.recent.clear();
    this.all.value = [];
  }

  private allowed(sender: string): boolean {
    const now = this.clock.now();
    const last = (this.recent.get(sender) ?? []).filter((at) => now - at < 1000);
    if (last.length >= PER_SECOND) return false;
    this.recent.set(sender, [...last, now]);
    return true;
  }
}
