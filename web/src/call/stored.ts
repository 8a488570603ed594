// What a tab remembers over a reload: the sealed secret and sealed notes, always; how one was taking part, only while the page is being
// reloaded. The second is written as the page goes and taken as it comes, so that a duplicated tab, which starts with a
// copy of this storage, does not take the call away from the first.
import type { MainRoom, VideoCodec } from './view.ts';

export interface Participation {
  name: string;
  mic: boolean;
  camera: boolean;
  codec?: VideoCodec;
  remember?: boolean;
  /** When the hand was raised, 0 where it was down. */
  hand: number;
  /** The resume token of the session that the reload ended. */
  replaces: string | null;
}

export type TabStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/**
 * The tab's own storage. Where a browser has none for us, as for a frame of another site's page in a private window, nothing
 * outlives a reload but what that page keeps.
 */
export function tabStorage(): TabStorage {
  try {
    return sessionStorage;
  } catch {
    return memory;
  }
}

type Kept = Readonly<Record<string, string>>;

const kept = new Map<string, string>();
let keeper: (kept: Kept) => void = () => {};

const memory: TabStorage = {
  getItem: (key) => kept.get(key) ?? null,
  setItem(key, value) {
    kept.set(key, value);
    keeper(Object.fromEntries(kept));
  },
  removeItem(key) {
    if (kept.delete(key)) keeper(Object.fromEntries(kept));
  },
};

/** Somebody keeps it for us where the browser does not: `before` is what they have. */
export function keepWith(before: Kept, keep: (kept: Kept) => void): void {
  for (const [key, value] of Object.entries(before)) kept.set(key, value);
  keeper = keep;
}

const SECRET = 'grotto.secret.'; // + slug
const CALL = 'grotto.call.'; // + slug
const MAIN = 'grotto.main.'; // + slug of a breakout room
const NOTES = 'grotto.notes.'; // + slug
const TOKEN = 'grotto.token.'; // + slug of the main room

export function storeSecret(storage: TabStorage, slug: string, sealed: string): void {
  if (sealed) storage.setItem(SECRET + slug, sealed);
  else storage.removeItem(SECRET + slug); // an earlier one would be another secret
}

export function storedSecret(storage: TabStorage, slug: string): string | null {
  return storage.getItem(SECRET + slug);
}

export function storeParticipation(storage: TabStorage, slug: string, participation: Participation): void {
  storage.setItem(CALL + slug, JSON.stringify(participation));
}

/** Takes the participation out: a second call finds none. */
export function takeParticipation(storage: TabStorage, slug: string): Participation | null {
  const text = storage.getItem(CALL + slug);
  storage.removeItem(CALL + slug);
  return text === null ? null : (JSON.parse(text) as Participation);
}

/** The room that a breakout room belongs to: where one goes back to. */
export function storeMain(storage: TabStorage, slug: string, main: MainRoom): void {
  storage.setItem(MAIN + slug, JSON.stringify(main));
}

export function storedMain(storage: TabStorage, slug: string): MainRoom | null {
  const text = storage.getItem(MAIN + slug);
  return text === null ? null : (JSON.parse(text) as MainRoom);
}

/** The join token, which opens the breakout rooms of its room as well. */
export function storeToken(storage: TabStorage, slug: string, token: string): void {
  storage.setItem(TOKEN + mainOf(slug), token);
}

export function storedToken(storage: TabStorage, slug: string): string | null {
  return storage.getItem(TOKEN + mainOf(slug));
}

function mainOf(slug: string): string {
  return slug.split('--', 1)[0] ?? slug;
}

export function storeNotes(storage: TabStorage, slug: string, sealed: string): void {
  storage.setItem(NOTES + slug, sealed);
}

export function storedNotes(storage: TabStorage, slug: string): string | null {
  return storage.getItem(NOTES + slug);
}

export function forgetNotes(storage: TabStorage, slug: string): void {
  storage.removeItem(NOTES + slug);
}

export function forget(storage: TabStorage, slug: string): void {
  storage.removeItem(SECRET + slug);
  storage.removeItem(CALL + slug);
  storage.removeItem(MAIN + slug);
  storage.removeItem(NOTES + slug);
  storage.removeItem(TOKEN + slug); // a breakout room has none of its own: the main room's stays
}
