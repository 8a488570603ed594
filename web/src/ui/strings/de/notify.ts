/** Sounds, and notifications of the system. */
import type { notify as en } from '../en/notify.ts';
import type { In } from '../text.ts';

export const notify: In<typeof en> = {
  'notify.title': 'Töne und Benachrichtigungen',
  'notify.sounds': 'Töne',
  'notify.sounds.hint': 'Wenn jemand kommt, geht, schreibt, anklopft oder die Hand hebt.',
  'notify.notices': 'Benachrichtigungen',
  'notify.notices.hint':
    'Während Sie eine andere Seite ansehen. Sie nennen, wer es war, und nichts von dem, was geschrieben wurde.',
  'notify.denied': 'Der Browser erlaubt dieser Seite keine Benachrichtigungen. Erlauben Sie es in der Adresszeile.',
  'notify.message': '{name} hat geschrieben',
  'notify.file': '{name} teilt eine Datei',
  'notify.poll': '{name} stellt eine Frage',
  'notify.hand': '{name} hebt die Hand',
  'notify.knock': '{name} möchte hereinkommen',
};
