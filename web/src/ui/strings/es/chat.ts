/** Chat. */
import type { chat as en } from '../en/chat.ts';
import type { In } from '../text.ts';

export const chat: In<typeof en> = {
  'chat.title': 'Chat',
  'chat.unread.one': 'Un mensaje sin leer',
  'chat.unread.other': '{count} mensajes sin leer',
  'chat.lines': 'Mensajes del chat',
  'chat.empty': 'Todavía no se ha escrito nada. Quien entra más tarde no ve lo escrito antes.',
  'chat.to': 'Para',
  'chat.everyone': 'Todos',
  'chat.gone': '{name} (ya no está)',
  'chat.message': 'Mensaje',
  'chat.hint': 'Intro para enviar, Mayús + Intro para una línea nueva.',
  'chat.send': 'Enviar',
  'chat.self': 'Tú',
  'chat.private.from': 'Solo para ti',
  'chat.private.to': 'Solo para {name}',
  'chat.error.failed': 'No se pudo enviar el mensaje. Sigue en el campo: inténtalo de nuevo.',
  'chat.error.offline': 'Conexión perdida. Los mensajes se enviarán cuando vuelva.',
  'chat.error.gone': '{name} ya no está. Elige a quién escribir.',
  'chat.error.long': 'Este mensaje pasa de {count} caracteres. Envíalo en partes.',
};
