/** What this browser keeps: one’s own keys and whom one met. */
import type { device as en } from '../en/device.ts';
import type { In } from '../text.ts';

export const device: In<typeof en> = {
  'device.title': 'Cet appareil',
  'device.identity.guest':
    'Vous participez en tant qu’invité : quand vous partez, ce navigateur oublie vos clés et les personnes que vous avez rencontrées.',
  'device.identity.kept':
    'Ce navigateur se souvient de vous. Les personnes qui vous ont vérifié vous reconnaîtront dans les réunions suivantes, et réciproquement.',
  'device.identity.unavailable':
    'Ce navigateur ne garde rien pour la page, ou un autre onglet utilise votre identité. Vous participez en tant qu’invité.',
  'device.forget': 'Oublier cet appareil',
  'device.forget.text':
    'Efface de ce navigateur vos clés, et la liste des personnes que vous avez vérifiées ou bloquées.',
  'device.forget.title': 'Oublier cet appareil ?',
  'device.forget.does':
    'Vos clés et la liste des personnes sont effacées de ce navigateur. Dans les prochaines réunions, personne ne vous reconnaîtra, et vous ne reconnaîtrez personne. C’est irréversible.',
  'device.forget.confirm': 'Tout oublier',
  'device.forgotten': 'Tout a été effacé. Dès la prochaine réunion, personne ne vous reconnaîtra.',
  'device.failed': 'L’effacement a échoué. Rechargez la page et réessayez.',
  'device.known': 'Personnes rencontrées',
  'device.known.none': 'Aucune personne n’est encore mémorisée.',
  'device.known.failed': 'La liste n’a pas pu être lue.',
  'device.known.verified': 'Vérifié',
  'device.known.blocked': 'Bloqué',
  'device.known.met': 'Déjà rencontré',
  'device.known.nameless': 'Personne sans nom',
  'device.known.forget': 'Oublier',
  'device.known.forget.label': 'Oublier {name}',
  'device.known.unblock': 'Débloquer',
  'device.known.unblock.label': 'Débloquer {name}',
  'device.known.later': 'Les changements prennent effet à la prochaine réunion.',
};
