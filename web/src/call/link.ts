// The meeting's link: /r/<slug>#<secret>. The secret goes to the worker in the first moment and leaves the address bar as
// soon as the worker has it; what stays in this tab is sealed, for a reload, until one leaves.
import { EngineClient, startWorker } from './engine_client.ts';
import type { KeptLink } from './recent.ts';
import { forget, storedSecret, storedToken, storeSecret, storeToken, type TabStorage } from './stored.ts';
import type { Problem } from './view.ts';
import { newName, newWords } from './words.ts';

const SLUG = /^[a-z0-9-]{3,64}$/;
const TOKEN_NAMES = ['token', 'jwt']; // the second one is Jitsi's
const ROOM_PATH = /^\/r\/([^/]+)\/?$/;

/** A link to a room nobody has used, with a secret nobody has seen; with `words`, one that can be told aloud. */
export async function newMeetingURL(origin: string, { words = false } = {}): Promise<string> {
  if (words) return `${origin}/r/${await newName()}#${await newWords()}`;
  const engine = new EngineClient(startWorker(), () => {});
  try {
    return `${origin}/r/${await newName()}#${await engine.newSecret()}`;
  } finally {
    engine.terminate();
  }
}

/** What a meeting needs of its link, whether the key stands in it or comes from elsewhere. */
export interface WholeLink {
  readonly slug: string;
  /** What lets in at a server that asks for it; '' for none. It stands in no address. */
  readonly token: string;
  incomplete(told?: string): Problem | null;
  handOver(engine: EngineClient, told?: string): Promise<Problem | null>;
  /** What is to be done on the way in, where the link alone does not open; the secret may come from there. */
  enter?(engine: EngineClient): Promise<Problem | null>;
  keep(engine: EngineClient): Promise<void>;
  change(engine: EngineClient, sealed: string): void;
  forget(engine: EngineClient | null): void;
  url(engine: EngineClient): Promise<string>;
}

/** As much of a Location as a link is read from. */
export type Place = Pick<Location, 'origin' | 'pathname' | 'search' | 'hash'>;

export class Link implements WholeLink {
  readonly slug: string;
  token: string;
  private readonly location: Place;
  private readonly storage: TabStorage;
  private readonly recent: KeptLink | null;
  private sealed = ''; // '' while nothing is kept

  /** `kept` is what the browser keeps of this meeting from another day. */
  constructor(location: Place, storage: TabStorage, kept: KeptLink | null = null) {
    this.location = location;
    this.storage = storage;
    this.recent = kept;
    this.slug = slugOf(location.pathname);
    const given = tokenIn(location.search);
    if (given !== '') {
      storeToken(storage, this.slug, given);
      this.show(location.hash); // it stays in no history
    }
    this.token = given || (storedToken(storage, this.slug) ?? '');
  }

  /** What is missing from the link, seen without the engine; null if it may be right. `told` is a secret told aloud. */
  incomplete(told = ''): Problem | null {
    const nameless = namesNoRoom(this.slug);
    if (nameless) return nameless;
    if (told !== '' || this.secret() !== '' || storedSecret(this.storage, this.slug) !== null) return null;
    if (this.recent?.sealed) return null;
    const hint = 'The part after the # sign is the key to the meeting; the server does not have it.';
    return { code: 'no_secret', message: 'This link is not complete.', hint };
  }

  /** Hands the secret to the worker: one told aloud, else the one in the address bar, else one that is kept. */
  async handOver(engine: EngineClient, told = ''): Promise<Problem | null> {
    const secret = told || this.secret();
    try {
      const kept = storedSecret(this.storage, this.slug);
      if (secret === '' && kept === null && this.recent?.sealed) {
        await engine.restoreSecret(this.recent.sealed);
        this.remember(await engine.keepSecret()); // what is kept for another day outlives this tab's own
      } else if (secret === '') {
        await engine.restoreSecret(kept ?? '');
        this.sealed = kept ?? '';
      } else {
        this.remember(await engine.setSecret(secret));
        // Not earlier: a reload while the engine loads would find the secret in neither place.
        this.clear();
      }
      return null;
    } catch (error) {
      return engine.trouble ?? this.refused(secret, error as Error);
    }
  }

  /** Keeps the secret again: leaving has forgotten it, and whoever joins again wants to be able to reload again. */
  async keep(engine: EngineClient): Promise<void> {
    if (this.token !== '') storeToken(this.storage, this.slug, this.token);
    if (this.sealed === '') this.remember(await engine.keepSecret().catch(() => ''));
  }

  /** The meeting has another secret, which the worker holds: a reload must find that one, never the one before. */
  change(engine: EngineClient, sealed: string): void {
    if (this.sealed !== '') engine.forget(this.sealed);
    this.remember(sealed);
  }

  /** Makes what was kept useless. */
  forget(engine: EngineClient | null): void {
    if (this.sealed !== '') engine?.forget(this.sealed);
    this.sealed = '';
    forget(this.storage, this.slug);
  }

  /** The whole link again, for an invitation. */
  async url(engine: EngineClient): Promise<string> {
    return `${this.location.origin}/r/${this.slug}#${await engine.readSecret()}`;
  }

  /** Takes the secret out of the address bar. */
  private clear(): void {
    this.show('');
  }

  /** Writes the address without what is secret in it, but for the hash. */
  protected show(hash: string): void {
    const { pathname, search } = this.location;
    history.replaceState(history.state, '', pathname + withoutToken(search) + hash);
  }

  private secret(): string {
    return this.location.hash.slice(1);
  }

  private remember(sealed: string): void {
    this.sealed = sealed;
    storeSecret(this.storage, this.slug, sealed);
  }

  private refused(secret: string, error: Error): Problem {
    const hint = 'Copy the whole link again and paste it here.';
    if (secret !== '') return { code: 'bad_secret', message: error.message, hint };
    if (storedSecret(this.storage, this.slug) === null) this.recent?.lose();
    forget(this.storage, this.slug); // its key is gone: what is kept will never open
    return { code: 'no_secret', message: 'The link to this meeting was not kept.', hint };
  }
}

function tokenIn(search: string): string {
  const query = new URLSearchParams(search);
  return TOKEN_NAMES.map((name) => query.get(name) ?? '').find((token) => token !== '') ?? '';
}

function withoutToken(search: string): string {
  const query = new URLSearchParams(search);
  if (!TOKEN_NAMES.some((name) => query.has(name))) return search;
  for (const name of TOKEN_NAMES) query.delete(name);
  return query.size > 0 ? `?${query}` : '';
}

export function namesNoRoom(slug: string): Problem | null {
  if (SLUG.test(slug)) return null;
  return { code: 'no_room', message: 'This link names no meeting.', hint: 'A name has 3 to 64 of a-z, 0-9 and -.' };
}

export function slugOf(pathname: string): string {
  try {
    return decodeURIComponent(ROOM_PATH.exec(pathname)?.[1] ?? '');
  } catch {
    return ''; // a broken escape
  }
}
