/** What this browser keeps: one’s own keys and whom one met. */
import type { device as en } from '../en/device.ts';
import type { In } from '../text.ts';

export const device: In<typeof en> = {
  'device.title': 'Dieses Gerät',
  'device.identity.guest':
    'Sie sind als Gast hier: Wenn Sie gehen, vergisst dieser Browser Ihre Schlüssel und wen Sie getroffen haben.',
  'device.identity.kept':
    'Dieser Browser erinnert sich an Sie. Wer Sie geprüft hat, erkennt Sie in späteren Besprechungen wieder, und umgekehrt.',
  'device.identity.unavailable':
    'Dieser Browser bewahrt für die Seite nichts auf, oder ein anderer Tab verwendet Ihre Identität. Hier sind Sie Gast.',
  'device.forget': 'Dieses Gerät vergessen',
  'device.forget.text': 'Löscht aus diesem Browser Ihre Schlüssel und wen Sie geprüft oder blockiert haben.',
  'device.forget.title': 'Dieses Gerät vergessen?',
  'device.forget.does':
    'Ihre Schlüssel und die Liste der Personen werden aus diesem Browser gelöscht. In späteren Besprechungen sind Sie für alle neu und alle für Sie. Das lässt sich nicht rückgängig machen.',
  'device.forget.confirm': 'Alles vergessen',
  'device.forgotten': 'Alles wurde gelöscht. Ab der nächsten Besprechung sind Sie für alle neu.',
  'device.failed': 'Es ließ sich nicht löschen. Laden Sie die Seite neu und versuchen Sie es noch einmal.',
  'device.known': 'Personen, die Sie getroffen haben',
  'device.known.none': 'Noch hat sich dieser Browser niemanden gemerkt.',
  'device.known.failed': 'Die Liste ließ sich nicht lesen.',
  'device.known.verified': 'Geprüft',
  'device.known.blocked': 'Blockiert',
  'device.known.met': 'Schon getroffen',
  'device.known.nameless': 'Jemand ohne Namen',
  'device.known.forget': 'Vergessen',
  'device.known.forget.label': '{name} vergessen',
  'device.known.unblock': 'Nicht mehr blockieren',
  'device.known.unblock.label': '{name} nicht mehr blockieren',
  'device.known.later': 'Änderungen gelten ab der nächsten Besprechung.',
};
