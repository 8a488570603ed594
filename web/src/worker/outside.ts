// Keys that the page sets in the place of those that Olm would bring. Held here over sessions: who joins anew under
// another join id seals under other base keys, with the same key.
import type { EngineEvent } from './engine.ts';

const ROUNDS = 600_000;
const KEY_BITS = 256;
const MIN_KEY = 32;
const MIN_SALT = 16;
const MAX_GENERATION = 2 ** 32 - 1;

type SetKey = Extract<EngineEvent, { type: 'set_key' }>;

/** What to make a key of; '' is everybody's. */
interface Held {
  generation: number;
  /** The key of a room, in base64: made once, of a passphrase. */
  key(room: string): Promise<string>;
}

export class OutsideKeys {
  private readonly newest = new Map<string, Held>();

  /** Takes a key; the engine says what else may be wrong with it. */
  set(user: string, generation: number, key: Uint8Array): void {
    if (key.length < MIN_KEY) throw new Error(`a key of ${key.length} bytes; hint: ${MIN_KEY} random bytes`);
    const text = toBase64(key);
    this.hold(user, generation, async () => text);
  }

  /** Takes a passphrase; `salt` is no secret, but everybody needs the same. */
  setPassphrase(generation: number, passphrase: string, salt: Uint8Array): void {
    if (passphrase === '') throw new Error('an empty passphrase');
    if (salt.length < MIN_SALT) throw new Error(`a salt of ${salt.length} bytes; hint: ${MIN_SALT} random bytes`);
    const copy = salt.slice();
    const made = new Map<string, Promise<string>>();
    this.hold('', generation, (room) => {
      const key = made.get(room) ?? passphraseKey(passphrase, room, copy).then(toBase64);
      made.set(room, key);
      return key;
    });
  }

  /** The newest key of each, as the engine takes it. */
  async all(room: string): Promise<SetKey[]> {
    return Promise.all([...this.newest.keys()].map((user) => this.of(user, room)));
  }

  async of(user: string, room: string): Promise<SetKey> {
    const held = this.newest.get(user);
    if (!held) throw new Error('no key was set');
    const { generation } = held;
    return { type: 'set_key', ...(user ? { user } : {}), generation, key: await held.key(room) };
  }

  private hold(user: string, generation: number, key: Held['key']): void {
    if (!Number.isInteger(generation) || generation < 0 || generation > MAX_GENERATION) {
      throw new Error(`generation ${generation}; hint: an integer from 0 up`);
    }
    const before = this.newest.get(user);
    if (before && generation <= before.generation) {
      throw new Error(`generation ${generation} after ${before.generation}; hint: a new key has a higher generation`);
    }
    this.newest.set(user, { generation, key });
  }
}

/** docs/crypto.md, "Keys from outside": PBKDF2-HMAC-SHA256 over the room and its salt. */
export async function passphraseKey(passphrase: string, room: string, salt: Uint8Array): Promise<Uint8Array> {
  const utf8 = new TextEncoder();
  const name = utf8.encode(room);
  const full = new Uint8Array(2 + name.length + salt.length);
  full.set([name.length >> 8, name.length & 255]);
  full.set(name, 2);
  full.set(salt, 2 + name.length);
  const base = await crypto.subtle.importKey('raw', utf8.encode(passphrase), 'PBKDF2', false, ['deriveBits']);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt: full, iterations: ROUNDS };
  return new Uint8Array(await crypto.subtle.deriveBits(how, base, KEY_BITS));
}

/** Unpadded, as the engine reads it. */
function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replace(/=+$/, '');
}
