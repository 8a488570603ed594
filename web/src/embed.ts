// The module that other pages of this origin import: /embed.js. What it exports is a promise to them; docs/embedding.md
// is its manual. The room itself is loaded when it is mounted, with its styles.
import type { EmbeddedRoom, EmbedOptions } from './ui/embedded.tsx';

export type { EmbeddedRoom, EmbedOptions, RoomState } from './ui/embedded.tsx';

/** Shows a room in an element. Resolves once it is there; the keys may be set from then on, or be given already. */
export async function mount(element: Element, options: EmbedOptions): Promise<EmbeddedRoom> {
  const { begin, mountRoom } = await import('./ui/embedded.tsx');
  await begin();
  return mountRoom(element, options);
}

/** 16 random bytes for `setPassphrase`, drawn once for a room and given to everybody in it. They are no secret. */
export function newSalt(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(16));
}
