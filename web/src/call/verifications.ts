// Comparing emoji, one person at a time. The engine may hold several verifications; the page shows the first that is open
// and keeps the others behind it.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Device } from '../wire.ts';
import type { PageEffect } from '../worker/messages.ts';
import { deviceKey } from './people.ts';
import type { PersonRef } from './view.ts';

/** Comparing emoji with somebody; one at a time. */
export interface VerificationView {
  person: PersonRef;
  name: string;
  state: 'requested' | 'waiting' | 'compare' | 'done' | 'cancelled';
  /** 7 indices into Matrix's list, with `compare`; the catalogue has their names. */
  emoji: number[];
  decimal: number[];
  reason?: 'by_us' | 'by_them' | 'timeout' | 'mismatch' | 'failed';
}

type Told = Extract<PageEffect, { type: 'verification' }>;

export class Verifications {
  private readonly open = new Map<string, VerificationView>();
  private readonly first = signal<VerificationView | null>(null);

  get shown(): ReadonlySignal<VerificationView | null> {
    return this.first;
  }

  /** Takes the engine's word. One that ends while it waits behind another was never seen and needs no showing. */
  told({ with: device, state, emoji = [], decimal = [], reason }: Told, called: string): void {
    const key = deviceKey(device);
    const before = this.open.get(key);
    const name = called || (before?.name ?? ''); // who has just left had one when it began
    const over = state === 'done' || state === 'cancelled';
    if (over && (this.first.value ? before !== this.first.value : reason === 'by_us')) this.open.delete(key);
    else {
      const person = { user: device.user, device: device.device };
      this.open.set(key, { person, name, state, emoji, decimal, ...(reason ? { reason } : {}) });
    }
    this.show(key);
  }

  /** Puts the one shown away; the next comes up. */
  close(): void {
    for (const [key, view] of this.open) {
      if (view === this.first.value) this.open.delete(key);
    }
    this.show(null);
  }

  /** Somebody has gone: what was being compared with them is over. */
  leave(device: Device): void {
    const key = deviceKey(device);
    const view = this.open.get(key);
    if (!view || view.state === 'done' || view.state === 'cancelled') return;
    if (view === this.first.value) this.open.set(key, { ...view, state: 'cancelled', reason: 'by_them' });
    else this.open.delete(key);
    this.show(key);
  }

  clear(): void {
    this.open.clear();
    this.first.value = null;
  }

  /** The one shown stays so, in its new state, until it is put away. */
  private show(changed: string | null): void {
    const [key, view] = this.open.entries().next().value ?? [null, null];
    if (key !== changed && view === this.first.value) return;
    this.first.value = view;
  }
}
