/** Sounds, and notifications of the system. */
import type { notify as en } from '../en/notify.ts';
import type { In } from '../text.ts';

export const notify: In<typeof en> = {
  'notify.title': 'Sonidos y notificaciones',
  'notify.sounds': 'Sonidos',
  'notify.sounds.hint': 'Cuando alguien entra, sale, escribe, llama a la puerta o levanta la mano.',
  'notify.notices': 'Notificaciones',
  'notify.notices.hint': 'Mientras miras otra página. Dicen quién fue, y nada de lo escrito.',
  'notify.denied': 'El navegador no permite notificaciones de esta página. Permítelas en la barra de direcciones.',
  'notify.message': '{name} escribió un mensaje',
  'notify.file': '{name} comparte un archivo',
  'notify.poll': '{name} hace una pregunta',
  'notify.hand': '{name} levantó la mano',
  'notify.knock': '{name} pide entrar',
};
