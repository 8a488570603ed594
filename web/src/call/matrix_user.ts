// People who came by Matrix: their user id here is made of the one there, so that it can be read back and be nobody else's.
// bridge/rtc writes it for the server; the vectors are the same.
const PREFIX = 'mx.';
const HASHED = 'mx=';
const LONGEST = 64; // bytes of a localpart
const HASH_LETTERS = 40;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** Whether the server says that this user came by Matrix. No other way in gives such an id. */
export function fromMatrix(user: string): boolean {
  return user.startsWith('@mx');
}

/** The part between @ and the server's name that a Matrix user has here. */
export async function localpartOf(matrixUser: string): Promise<string> {
  const bytes = new TextEncoder().encode(matrixUser.replace(/^@/, ''));
  let plain = PREFIX;
  for (const byte of bytes) {
    const letter = String.fromCharCode(byte);
    plain += /[a-z0-9._\-/+]/.test(letter) ? letter : `=${byte.toString(16).padStart(2, '0')}`;
  }
  if (plain.length <= LONGEST) return plain;
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(matrixUser));
  return HASHED + base32(new Uint8Array(hash)).slice(0, HASH_LETTERS);
}

/** The Matrix user that a user id here was made of; null where it was not, or was too long to be kept whole. */
export function matrixUserOf(user: string): string | null {
  const local = user.slice(1, user.lastIndexOf(':'));
  if (!user.startsWith('@') || !local.startsWith(PREFIX)) return null;
  try {
    const text = local.slice(PREFIX.length);
    if (/=(?![0-9a-f]{2})/.test(text) || text.includes('%')) return null;
    return `@${decodeURIComponent(text.replace(/=([0-9a-f]{2})/g, '%$1'))}`;
  } catch {
    return null; // no UTF-8
  }
}

function base32(bytes: Uint8Array): string {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32[(held >> bits) & 31];
    }
  }
  return text;
}
