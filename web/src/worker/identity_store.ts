// The kept identity in IndexedDB, sealed under a key that no script can export. Both lie in one store, so that deleting
// the identity deletes the key too.
//
// Does not protect against a script of this origin, which may use the key as we do; nor does it hide from somebody who
// sits at the unlocked machine.
import { inStore } from './database.ts';
import type { IdentityStore, Kept, Own } from './identity.ts';

const STORE = 'identity';
const KEY = 'key';
const SEALED = 'sealed';
const IV_SIZE = 12;
const LOCK = 'grotto.identity';

interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  body: ArrayBuffer;
}

export const identityStore: IdentityStore = {
  async load() {
    const sealed = (await inStore(STORE, 'readonly', (s) => s.get(SEALED))) as Sealed | undefined;
    if (!sealed) return null;
    const key = await keyOf();
    if (!key) throw new Error('the key of the kept identity is gone');
    const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: sealed.iv }, key, sealed.body);
    return JSON.parse(new TextDecoder().decode(plain)) as Kept;
  },

  async save(kept) {
    const key =
      (await keyOf()) ??
      (await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']));
    const iv = crypto.getRandomValues(new Uint8Array(IV_SIZE));
    const body = await crypto.subtle.encrypt(
      { name: 'AES-GCM', iv },
      key,
      new TextEncoder().encode(JSON.stringify(kept)),
    );
    await inStore(STORE, 'readwrite', (s) => {
      s.put(key, KEY);
      return s.put({ iv, body } satisfies Sealed, SEALED);
    });
  },

  async erase() {
    await inStore(STORE, 'readwrite', (s) => s.clear());
  },
};

function keyOf(): Promise<CryptoKey | undefined> {
  return inStore(STORE, 'readonly', (s) => s.get(KEY)) as Promise<CryptoKey | undefined>;
}

/** One worker of this browser owns the device. The lock ends with the worker, however that ends. */
export const ownDevice: Own = () =>
  new Promise((resolve, reject) => {
    navigator.locks
      .request(LOCK, { ifAvailable: true }, (lock) => {
        if (!lock) return resolve(null);
        return new Promise<void>((release) => resolve(release));
      })
      .catch(reject);
  });
