/** Sounds, and notifications of the system. */
import type { notify as en } from '../en/notify.ts';
import type { In } from '../text.ts';

export const notify: In<typeof en> = {
  'notify.title': 'Sons et notifications',
  'notify.sounds': 'Sons',
  'notify.sounds.hint': 'Quand quelqu’un arrive, part, écrit, frappe à la porte ou lève la main.',
  'notify.notices': 'Notifications du système',
  'notify.notices.hint':
    'Pendant que vous regardez une autre page. Elles disent de qui il s’agit, et rien de ce qui a été écrit.',
  'notify.denied':
    'Le navigateur n’autorise pas les notifications de cette page. Autorisez-les dans la barre d’adresse.',
  'notify.message': '{name} a écrit un message',
  'notify.file': '{name} partage un fichier',
  'notify.poll': '{name} pose une question',
  'notify.hand': '{name} lève la main',
  'notify.knock': '{name} demande à entrer',
};
