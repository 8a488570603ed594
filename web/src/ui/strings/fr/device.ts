/** What this browser keeps: one’s own keys and whom one met. */
import type { device as en } from '../en/device.ts';
import type { In } from '../text.ts';

export const device: In<typeof en> = {
  'device.title': 'Cet appareil',
  'device.identity.guest':
    'Vous êtes ici comme invité : quand vous partez, ce navigateur oublie vos clés et ceux que vous avez rencontrés.',
  'device.identity.kept':
    'Ce navigateur se souvient de vous. Ceux qui vous ont vérifié vous reconnaîtront plus tard, et vous eux.',
  'device.identity.unavailable':
    'Ce navigateur ne garde rien pour la page, ou un autre onglet utilise votre identité. Ici vous êtes un invité.',
  'device.forget': 'Oublier cet appareil',
  'device.forget.text': 'Efface de ce navigateur vos clés, et ceux que vous avez vérifiés ou bloqués.',
  'device.forget.title': 'Oublier cet appareil ?',
  'device.forget.does':
    'Vos clés et la liste des personnes sont effacées de ce navigateur. Dans les réunions à venir, vous êtes nouveau pour tous, et tous pour vous. Cela ne peut être annulé.',
  'device.forget.confirm': 'Tout oublier',
  'device.forgotten': 'Tout a été effacé. Dès la prochaine réunion, vous êtes nouveau pour tous.',
  'device.failed': 'L’effacement a échoué. Rechargez la page et réessayez.',
  'device.known': 'Personnes rencontrées',
  'device.known.none': 'Personne n’est encore retenu.',
  'device.known.failed': 'La liste n’a pas pu être lue.',
  'device.known.verified': 'Vérifié',
  'device.known.blocked': 'Bloqué',
  'device.known.met': 'Déjà rencontré',
  'device.known.nameless': 'Quelqu’un sans nom',
  'device.known.forget': 'Oublier',
  'device.known.forget.label': 'Oublier {name}',
  'device.known.unblock': 'Débloquer',
  'device.known.unblock.label': 'Débloquer {name}',
  'device.known.later': 'Les changements valent dès la prochaine réunion.',
};
