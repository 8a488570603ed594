// What is to be seen of the call: a tile for each of us, and what to say of its encryption as a whole.
import { signal } from '@preact/signals';
import { encryptionOf } from './encryption.ts';
import { type Own, ownTiles, stopped } from './own_tiles.ts';
import type { Session } from './session.ts';
import { unchanged } from './unchanged.ts';
import type { EncryptionView, TileState, TileView } from './view.ts';

/** Of us, what the session does not say. */
type Ours = Omit<Own, 'speaks' | 'state'>;

export class Scene {
  readonly tiles = signal<TileView[]>([]);
  readonly encryption = signal<EncryptionView>({ state: 'ok', sentenceKey: 'encryption.sentence.ok' });
  /** The browser refused to seal media, and none is sent. */
  noTransform = false;

  /** Looks at everybody again; `engineFailed` says that nothing opens any more. */
  render(session: Session, ours: Ours, engineFailed: boolean): void {
    const { people } = session;
    const state = this.ownState(session, engineFailed);
    const own = ownTiles({ ...ours, state, speaks: people.speaks(ours.self) });
    const others = people.tiles().map((tile) => (engineFailed ? stopped(tile) : tile));
    this.tiles.value = unchanged(this.tiles.value, [...own, ...others]);
    this.encryption.value = encryptionOf(state, people);
  }

  clear(): void {
    this.tiles.value = [];
  }

  private ownState(session: Session, engineFailed: boolean): TileState {
    if (engineFailed) return 'engine_failed';
    if (this.noTransform) return 'no_transform';
    return session.keyless ? 'waiting_for_key' : 'new';
  }
}
