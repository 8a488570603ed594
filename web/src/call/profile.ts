// What people say about themselves: a name, and which of their devices are on. It travels sealed; the server never sees
// a name. What comes from others is cut to size and cleaned before it is shown.
export const PROFILE_KIND = 'grotto.profile';
export const NAME_LIMIT = 64; // characters

export interface Profile {
  name: string;
  mic: boolean;
  camera: boolean;
  screen: boolean;
}

/** Control characters, and those that turn the direction of what follows: a name must not rewrite its surroundings. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

export function cleanName(name: string): string {
  const printable = name.normalize('NFC').replace(unprintable, ' ').replace(/\s+/g, ' ').trim();
  return [...printable].slice(0, NAME_LIMIT).join('').trim();
}

/** Unpadded base64 of the profile's JSON, as the engine wants bytes. */
export function encodeProfile(profile: Profile): string {
  const bytes = new TextEncoder().encode(JSON.stringify({ ...profile, name: cleanName(profile.name) }));
  return btoa(String.fromCharCode(...bytes)).replace(/=+$/, '');
}

/** Null where it is not a profile. Unknown fields are left for later versions to understand. */
export function decodeProfile(body: string): Profile | null {
  try {
    const bytes = Uint8Array.from(atob(body), (c) => c.charCodeAt(0));
    const said: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof said !== 'object' || said === null) return null;
    const { name, mic, camera, screen } = said as Record<string, unknown>;
    if (typeof name !== 'string') return null;
    return { name: cleanName(name), mic: mic === true, camera: camera === true, screen: screen === true };
  } catch {
    return null;
  }
}
