// From one page to the next: over a reload, and between a room and its breakout rooms, each of which is a page of its own.
// How one takes part goes along in the tab's storage.
import type { Elsewhere } from './breakouts.ts';
import type { EngineClient } from './engine_client.ts';
import {
  forget,
  type Participation,
  storedMain,
  storedSecret,
  storeMain,
  storeParticipation,
  storeSecret,
  tabStorage,
  takeParticipation,
} from './stored.ts';
import type { MainRoom } from './view.ts';

export class Passage {
  /** The room that this one is a breakout room of. */
  readonly main: MainRoom | null;
  private readonly storage = tabStorage();
  private readonly slug: string;
  private readonly origin: string;
  private readonly framed: string; // a page around us goes with us into another room
  private moving = false; // to another room: the page that goes keeps nothing of this one

  constructor(slug: string, { origin, search }: Pick<Location, 'origin' | 'search'>) {
    this.slug = slug;
    this.origin = origin;
    this.framed = new URLSearchParams(search).has('embedded') ? '?embedded' : '';
    this.main = storedMain(this.storage, slug);
  }

  /** How one took part on the page before, once. */
  arrive(): Participation | null {
    return takeParticipation(this.storage, this.slug);
  }

  /** The page goes, and may come again. */
  keep(participation: Participation): void {
    if (!this.moving) storeParticipation(this.storage, this.slug, participation);
  }

  /**
   * Goes on in a breakout room, as one takes part here. What is kept of the main room stays, for the way back; a breakout
   * room is left first, and nothing kept of it.
   */
  moveTo({ slug, secret, name }: Elsewhere, participation: Participation, leave: () => Promise<void>): void {
    storeParticipation(this.storage, slug, { ...participation, replaces: null, hand: 0 });
    storeMain(this.storage, slug, { slug: this.main?.slug ?? this.slug, name });
    const go = () => location.assign(`${this.origin}/r/${slug}${this.framed}#${secret}`);
    if (!this.main) return go();
    this.moving = true;
    void leave().then(go);
  }

  /** Goes on in the main room once this one is left, and keeps nothing of it; false where it is of no other. */
  back(participation: Participation, leave: () => Promise<void>): boolean {
    const { main } = this;
    if (!main) return false;
    const before = takeParticipation(this.storage, main.slug);
    storeParticipation(this.storage, main.slug, { ...participation, replaces: before?.replaces ?? null, hand: 0 });
    this.moving = true;
    void leave().then(() => location.assign(`${this.origin}/r/${main.slug}${this.framed}`));
    return true;
  }

  /** The main room has another secret: what is kept for the way back is renewed. */
  async mainChanged(engine: EngineClient | null, secret: string): Promise<void> {
    if (!this.main || !engine) return;
    const before = storedSecret(this.storage, this.main.slug);
    storeSecret(this.storage, this.main.slug, await engine.keepNote(secret).catch(() => ''));
    if (before) engine.forget(before);
  }

  /** Who leaves from a breakout room leaves the meeting: what was kept for the way back is of no use. */
  forgetMain(engine: EngineClient | null): void {
    if (!this.main) return;
    const sealed = storedSecret(this.storage, this.main.slug);
    if (sealed) engine?.forget(sealed);
    forget(this.storage, this.main.slug);
  }
}
