// What a room has and how long, as who runs the server laid it down. Of most the server sees nothing, for it is sealed: pages and
// programs see to it. Somebody whose program does not can still say it; it is not shown here then.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Feature, Joined, Welcome } from '../wire.ts';
import { CAPTION_KIND } from './captions.ts';
import { CHAT_KIND } from './chat.ts';
import { CHUNK_KIND, GONE_KIND, OFFER_KIND, WANT_KIND } from './files/offer.ts';
import { POLL_KIND, VOTE_KIND } from './polls.ts';
import { REACTION_KIND } from './reactions.ts';

export type { Feature };

export interface TermsView {
  /** Whether the room has this; known once one is in, and until then it has everything. */
  has(feature: Feature): boolean;
  /** When the call has taken as long as it may, in ms of the page's clock; null: it may take any time. */
  readonly endsAt: ReadonlySignal<number | null>;
}

/** What is said in a feature's name. */
const FEATURES: ReadonlyMap<string, Feature> = new Map([
  [CHAT_KIND, 'chat'],
  [OFFER_KIND, 'files'],
  [WANT_KIND, 'files'],
  [CHUNK_KIND, 'files'],
  [GONE_KIND, 'files'],
  [POLL_KIND, 'polls'],
  [VOTE_KIND, 'polls'],
  [REACTION_KIND, 'reactions'],
  [CAPTION_KIND, 'captions'],
]);

/** These are at home in another one, and off with it. */
const WITHIN: Partial<Record<Feature, Feature>> = { private_chat: 'chat', files: 'chat' };

export class Terms implements TermsView {
  readonly endsAt = signal<number | null>(null);
  private readonly off = signal<ReadonlySet<Feature>>(new Set());
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  has(feature: Feature): boolean {
    const home = WITHIN[feature];
    return !this.off.value.has(feature) && (home === undefined || this.has(home));
  }

  /** Whether this may be said, and is heard. */
  allows(kind: string, only: boolean): boolean {
    const feature = FEATURES.get(kind);
    return !feature || (this.has(feature) && (!only || feature !== 'chat' || this.has('private_chat')));
  }

  welcomed({ off = [] }: Pick<Welcome, 'off'>): void {
    this.off.value = new Set(off);
  }

  entered({ ends_in }: Pick<Joined, 'ends_in'>): void {
    this.endsAt.value = ends_in ? this.now() + ends_in * 1000 : null;
  }
}
