// Keeps the link's secret over a reload, or for another day where the person says so. The secret is sealed under a key that no script can export, which lies in
// IndexedDB; the page keeps only the sealed form, for this tab or for this browser. Deleting the key on leave makes the sealed form useless.
// What else a page keeps over a reload is sealed in the same way.
//
// Does not protect against a script of this origin: it may use the key while the tab's sealed form is there.
import { inStore } from './database.ts';

const STORE = 'link_keys';
const IV_SIZE = 12;
const KEY_LIFE_MS = 24 * 60 * 60 * 1000; // a tab that was closed in a call leaves its key behind; nobody needs it then

interface StoredKey {
  key: CryptoKey;
  made: number;
  /** Of a meeting that is to be opened again another day. */
  lasting?: true;
}

/** Seals a secret under a fresh key; the answer names the key. One that is not `lasting` opens for a day. */
export async function sealSecret(secret: string, lasting = false): Promise<string> {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const iv = crypto.getRandomValues(new Uint8Array(IV_SIZE));
  const sealed = new Uint8Array(
    await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, new TextEncoder().encode(secret)),
  );
  const id = crypto.randomUUID();
  const now = Date.now();
  await inStore(STORE, 'readwrite', (store) => {
    store.put({ key, made: now, ...(lasting ? { lasting } : {}) } satisfies StoredKey, id);
    const walk = store.openCursor();
    walk.onsuccess = () => {
      const cursor = walk.result;
      if (!cursor) return;
      const stored = cursor.value as StoredKey;
      if (!stored.lasting && now - stored.made > KEY_LIFE_MS) cursor.delete();
      cursor.continue();
    };
    return walk;
  });
  return `${id}.${toBase64(iv)}.${toBase64(sealed)}`;
}

/** Opens what sealSecret made, or throws if the key is gone. */
export async function unsealSecret(sealed: string): Promise<string> {
  const [id, iv, body] = sealed.split('.');
  if (!id || !iv || !body) throw new Error('not a sealed secret');
  const stored = (await inStore(STORE, 'readonly', (store) => store.get(id))) as StoredKey | undefined;
  if (!stored) throw new Error('the key of the sealed secret is gone');
  const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: fromBase64(iv) }, stored.key, fromBase64(body));
  return new TextDecoder().decode(plain);
}

/** Deletes the key: the sealed secret opens no more. */
export async function forgetSecret(sealed: string): Promise<void> {
  const [id] = sealed.split('.');
  if (id) await inStore(STORE, 'readwrite', (store) => store.delete(id));
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}
