/** Chat. */
import type { chat as en } from '../en/chat.ts';
import type { In } from '../text.ts';

export const chat: In<typeof en> = {
  'chat.title': 'Chat',
  'chat.unread.one': 'Eine ungelesene Nachricht',
  'chat.unread.other': '{count} ungelesene Nachrichten',
  'chat.lines': 'Nachrichten',
  'chat.empty': 'Noch hat niemand etwas geschrieben. Wer später kommt, sieht nicht, was vorher geschrieben wurde.',
  'chat.to': 'An',
  'chat.everyone': 'Alle',
  'chat.gone': '{name} (nicht mehr hier)',
  'chat.message': 'Nachricht',
  'chat.hint': 'Die Eingabetaste sendet, Umschalt und Eingabe beginnen eine neue Zeile.',
  'chat.send': 'Senden',
  'chat.self': 'Sie',
  'chat.private.from': 'Nur an Sie',
  'chat.private.to': 'Nur an {name}',
  'chat.error.failed': 'Die Nachricht ließ sich nicht senden. Sie steht noch im Feld: Versuchen Sie es noch einmal.',
  'chat.error.offline': 'Verbindung verloren. Nachrichten werden gesendet, sobald sie wieder da ist.',
  'chat.error.gone': '{name} ist nicht mehr hier. Wählen Sie, an wen Sie schreiben.',
  'chat.error.long': 'Diese Nachricht ist länger als {count} Zeichen. Senden Sie sie in Teilen.',
};
