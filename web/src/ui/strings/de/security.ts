/** The panel on security: whose keys are how, and which page this is. The rest of its words is in `encryption`. */
import type { security as en } from '../en/security.ts';
import type { In } from '../text.ts';

export const security: In<typeof en> = {
  'security.here': 'Wer hier ist',
  'security.blocked': 'In früheren Besprechungen blockiert',
  'security.page': 'Welche Seite das ist',
  'security.page.text':
    'Alle, denen dieselbe Seite geliefert wurde, sehen denselben Fingerabdruck. Vergleichen Sie ihn auf einem anderen Weg als über diese Seite: Ein Server, der die Seite ändert, könnte auch diese Zeile ändern.',
  'security.page.version': 'Version des Servers: {version}',
  'security.page.older': 'Der Server hat inzwischen eine andere Seite. Laden Sie neu, wenn es Ihnen passt.',
  'security.page.differs':
    'Was der Server über seine Seite sagt, stimmt nicht überein. Sagen Sie es der Person, die ihn betreibt.',
  'security.page.failed': 'Der Server hat nicht gesagt, welche Seite er liefert.',
};
