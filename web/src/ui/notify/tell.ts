/**
 * Tells that something happened, by a sound, and while nobody looks at the page by a notification of the system: who it
 * was and what kind of thing, never what was written, for such notifications are kept and shown by others.
 */
import { text, textList } from '../strings/text.ts';
import { type Chime, Chimes } from './chimes.ts';
import { notices, sounds } from './preferences.ts';

export type Happening =
  | { kind: 'joined' | 'left'; names: string[] }
  | { kind: 'message' | 'file' | 'poll' | 'hand' | 'knock'; name: string };

const chimes = new Chimes(
  () => new AudioContext(),
  () => performance.now(),
);

const sound: Record<Happening['kind'], Chime> = {
  joined: 'joined',
  left: 'left',
  message: 'message',
  file: 'message',
  poll: 'message',
  hand: 'hand',
  knock: 'knock',
};

/** Sounds come from this speaker from now on. */
export function hearFrom(speaker: string): void {
  chimes.hearFrom(speaker);
}

export function tell(happening: Happening): void {
  if (sounds.value) chimes.play(sound[happening.kind]);
  if (notices.value !== 'on' || !document.hidden || happening.kind === 'left') return;
  try {
    const notice = new Notification(document.title, { body: words(happening), tag: happening.kind });
    notice.onclick = () => {
      window.focus();
      notice.close();
    };
  } catch {
    // Phones show them only for installed pages.
  }
}

/** One sentence, with names and nothing else of what people said. */
export function words(happening: Happening): string {
  if ('names' in happening) return text(`toast.${happening.kind}`, { names: textList(happening.names) });
  return text(`notify.${happening.kind}`, { name: happening.name || text('tile.participant') });
}
