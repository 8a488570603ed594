/** Captions. */
import type { captions as en } from '../en/captions.ts';
import type { In } from '../text.ts';

export const captions: In<typeof en> = {
  'captions.title': 'Sous-titres',
  'captions.show': 'Afficher les sous-titres',
  'captions.show.hint': 'Affiche ce que disent les autres, si leur navigateur le transcrit.',
  'captions.give': 'Transcrire ce que je dis',
  'captions.give.hint':
    'Votre navigateur reconnaît la parole sur cet appareil, et le texte est envoyé à tous, scellé. Votre voix n’est envoyée à personne pour cela. Rien n’est transcrit tant que votre micro est coupé.',
  'captions.unavailable':
    'Ce navigateur ne reconnaît pas la parole sur l’appareil dans votre langue, et Grotto ne le laisse pas envoyer votre voix ailleurs.',
};
