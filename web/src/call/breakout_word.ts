// What a moderator says to one person in a breakout room from the main room, where there is no session with them: sealed
// under a key that went to that person with the invitation. The server passes it on to everybody in that room, and it opens
// for that one.
import { toBase64 } from './files/seal.ts';

const KEY_SIZE = 32;
const IV_SIZE = 12;
const LENGTH = 512; // bytes of what is sealed, filled up: its length says nothing
const LABEL = 'grotto v1 breakout';

/** Where to go now, or back; or the main room's secret, which was changed. */
export type Word = { back: true } | { main: string } | { room: string; secret: string; name: string; key: string };

export function newWordKey(): string {
  return toBase64(crypto.getRandomValues(new Uint8Array(KEY_SIZE)));
}

export function isWordKey(key: unknown): key is string {
  return typeof key === 'string' && /^[A-Za-z0-9+/]{43}$/.test(key);
}

/** `n` grows from one word to the next: an older one is not heard again. */
export async function sealWord(key: string, room: string, n: number, word: Word): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_SIZE));
  const text = new TextEncoder().encode(JSON.stringify({ n, ...word }));
  const plain = new Uint8Array(LENGTH).fill(0x20);
  plain.set(text); // throws where it is longer, which no word is
  const sealed = new Uint8Array(await crypto.subtle.encrypt(bound(iv, room), await imported(key, 'encrypt'), plain));
  const whole = new Uint8Array(IV_SIZE + sealed.length);
  whole.set(iv);
  whole.set(sealed, IV_SIZE);
  return toBase64(whole);
}

/** Null for what is not for us in this room, or not later than `after`. */
export async function openWord(
  key: string,
  room: string,
  after: number,
  body: string,
): Promise<{ n: number; word: Record<string, unknown> } | null> {
  try {
    const whole = Uint8Array.from(atob(body), (c) => c.charCodeAt(0));
    const iv = whole.subarray(0, IV_SIZE);
    const sealed = whole.subarray(IV_SIZE);
    const plain = await crypto.subtle.decrypt(bound(iv, room), await imported(key, 'decrypt'), sealed);
    const { n, ...word } = JSON.parse(new TextDecoder().decode(plain)) as Record<string, unknown>;
    return typeof n === 'number' && Number.isSafeInteger(n) && n > after ? { n, word } : null;
  } catch {
    return null;
  }
}

function bound(iv: Uint8Array<ArrayBuffer>, room: string): AesGcmParams {
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(LABEL + room) };
}

function imported(key: string, use: KeyUsage): Promise<CryptoKey> {
  const bytes = Uint8Array.from(atob(key), (c) => c.charCodeAt(0));
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, [use]);
}
