/** How others get in: the link, a code to scan. */
import type { invite as en } from '../en/invite.ts';
import type { In } from '../text.ts';

export const invite: In<typeof en> = {
  'invite.title': 'Inviter',
  'invite.text': 'Quiconque a ce lien peut entrer. C’est la clé de la réunion : ne l’envoyez qu’aux personnes voulues.',
  'invite.text.keyless': 'Ce lien mène à la réunion. Ses clés viennent de la page qui l’affiche.',
  'invite.share': 'Partager',
  'invite.scan': 'Faites scanner ce code à la personne à côté de vous, avec sa caméra.',
  'invite.code': 'Code QR du lien',
  'invite.shown': 'Votre écran est partagé : quiconque y voit ce code peut entrer.',
  'invite.copy.failed':
    'Le navigateur n’a pas permis la copie. « Inviter », sous « Plus », montre le lien sous forme de code.',
};
