/** How others get in: the link, a code to scan. */
import type { invite as en } from '../en/invite.ts';
import type { In } from '../text.ts';

export const invite: In<typeof en> = {
  'invite.title': 'Einladen',
  'invite.text':
    'Wer diesen Link hat, kann teilnehmen. Er ist der Schlüssel zur Besprechung: Schicken Sie ihn nur denen, die Sie meinen.',
  'invite.text.keyless': 'Dieser Link führt zur Besprechung. Die Schlüssel kommen von der Seite, die sie zeigt.',
  'invite.share': 'Teilen',
  'invite.scan': 'Lassen Sie jemanden neben Ihnen diesen Code mit der Kamera scannen.',
  'invite.code': 'QR-Code des Links',
  'invite.shown': 'Ihr Bildschirm ist geteilt: Wer diesen Code dort sieht, kann teilnehmen.',
  'invite.copy.failed':
    'Der Browser hat das Kopieren nicht zugelassen. „Einladen“ unter „Mehr“ zeigt den Link als Code.',
};
