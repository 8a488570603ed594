/** Chat. */
import type { chat as en } from '../en/chat.ts';
import type { In } from '../text.ts';

export const chat: In<typeof en> = {
  'chat.title': 'Chat',
  'chat.unread.one': 'Un message non lu',
  'chat.unread.other': '{count} messages non lus',
  'chat.lines': 'Messages du chat',
  'chat.empty':
    'Rien n’a encore été écrit. Les personnes qui arrivent plus tard ne voient pas ce qui a été écrit avant.',
  'chat.to': 'À',
  'chat.everyone': 'Tout le monde',
  'chat.gone': '{name} (n’est plus là)',
  'chat.message': 'Message',
  'chat.hint': 'Entrée pour envoyer, Maj + Entrée pour aller à la ligne.',
  'chat.send': 'Envoyer',
  'chat.self': 'Vous',
  'chat.private.from': 'À vous seulement',
  'chat.private.to': 'À {name} seulement',
  'chat.error.failed': 'Le message n’a pas pu être envoyé. Il est encore dans le champ : réessayez.',
  'chat.error.offline': 'Connexion perdue. Les messages partiront dès qu’elle sera rétablie.',
  'chat.error.gone': '{name} n’est plus là. Choisissez à qui écrire.',
  'chat.error.long': 'Ce message dépasse {count} caractères. Envoyez-le en plusieurs parties.',
};
