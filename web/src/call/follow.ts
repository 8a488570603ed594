// Follow me: a moderator's view becomes that of everybody who does not mind. Said sealed, to all; obeyed only where it
// comes from somebody who moderates, as this client sees it. What is led is the layout and who is shown large, no more.
import { effect, type ReadonlySignal, signal } from '@preact/signals';
import type { Device } from '../wire.ts';
import type { Said, Sealed } from './sealed.ts';
import type { Layout } from './stage.ts';
import type { TileView } from './view.ts';

export const FOLLOW_KIND = 'grotto.follow';
const SETTLE_MS = 300; // several changes are one
const PER_SECOND = 2;

export interface FollowView {
  /** One's own view is what the others see. */
  readonly leading: ReadonlySignal<boolean>;
  lead(on: boolean): void;
  /** Who leads, by name; null where nobody does. */
  readonly leader: ReadonlySignal<string | null>;
  /** One goes along with whoever leads. */
  readonly follows: ReadonlySignal<boolean>;
  setFollows(on: boolean): void;
}

/** What is led, as it travels. */
interface Led {
  layout: Layout;
  /** Who is shown large, and whether it is their screen. */
  large: { user: string; device: string; screen: boolean } | null;
}

export interface FollowParts {
  sealed: Pick<Sealed, 'hear' | 'toAll' | 'onReached' | 'onLeft' | 'onEnd'>;
  /** Reads a signal, as the next one does. */
  moderates(device: Device): boolean;
  /** Whether we moderate. */
  mayLead(): boolean;
  tiles: ReadonlySignal<TileView[]>;
  layout: ReadonlySignal<Layout>;
  pinned: ReadonlySignal<string | null>;
  look(layout: Layout, pinned: string | null): void;
}

export class Follow implements FollowView {
  readonly leading = signal(false);
  readonly leader = signal<string | null>(null);
  readonly follows = signal(true);
  private readonly parts: FollowParts;
  private from: Device | null = null; // who leads
  private led: Led | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: FollowParts) {
    this.parts = parts;
    const { sealed } = parts;
    sealed.hear(FOLLOW_KIND, { way: 'all', limit: 1024, perSecond: PER_SECOND }, (said) => this.heard(said));
    sealed.onReached(() => this.saySoon());
    sealed.onLeft((device) => sameDevice(device, this.from) && this.forget());
    sealed.onEnd(() => {
      this.leading.value = false;
      this.forget();
    });
    effect(() => {
      if (this.leading.value && !parts.mayLead()) this.leading.value = false; // the others do not follow any more
      if (this.leader.value !== null && this.from && !parts.moderates(this.from)) this.forget();
    });
    effect(() => {
      parts.layout.value;
      parts.pinned.value;
      this.saySoon();
    });
  }

  lead(on: boolean): void {
    if (on === this.leading.peek()) return;
    this.leading.value = on;
    if (on) this.forget();
    this.say(on);
  }

  setFollows(on: boolean): void {
    this.follows.value = on;
    this.apply();
  }

  private saySoon(): void {
    if (!this.leading.peek()) return;
    this.timer ??= setTimeout(() => this.say(this.leading.peek()), SETTLE_MS);
  }

  private say(on: boolean): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    try {
      this.parts.sealed.toAll(FOLLOW_KIND, on ? { on, ...this.view() } : { on });
    } catch {
      // There is no connection: whoever is reached again is told then.
    }
  }

  private view(): Led {
    const layout = this.parts.layout.peek();
    const pinned = this.parts.pinned.peek();
    const tile = this.parts.tiles.peek().find(({ key }) => key === pinned);
    if (!tile) return { layout, large: null };
    const { user, device, kind } = tile;
    return { layout, large: { user, device, screen: kind === 'screen' } };
  }

  private heard({ from, name, body }: Said): void {
    if (!this.parts.moderates(from)) return;
    if (body.on !== true) {
      if (sameDevice(from, this.from)) this.forget();
      return;
    }
    this.leading.value = false; // whoever began last leads
    this.from = from;
    this.leader.value = name;
    this.led = decode(body);
    this.apply();
  }

  /** Looks where the one who leads looks, as far as that is here. */
  private apply(): void {
    const { led } = this;
    if (!led || !this.follows.peek()) return;
    const { large, layout } = led;
    const kind = large?.screen ? 'screen' : 'camera';
    const tile = this.parts.tiles
      .peek()
      .find((t) => t.user === large?.user && t.device === large.device && t.kind === kind);
    // Nobody is made to look at themselves.
    this.parts.look(layout, tile && !tile.self ? tile.key : null);
  }

  private forget(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.from = this.led = this.leader.value = null;
  }
}

function decode({ layout, large }: Record<string, unknown>): Led {
  const { user, device, screen } = (typeof large === 'object' && large !== null ? large : {}) as Record<
    string,
    unknown
  >;
  const known = typeof user === 'string' && typeof device === 'string';
  return {
    layout: layout === 'speaker' ? 'speaker' : 'grid',
    large: known ? { user, device, screen: screen === true } : null,
  };
}

function sameDevice(a: Device, b: Device | null): boolean {
  return a.user === b?.user && a.device === b.device && a.join_id === b.join_id;
}
