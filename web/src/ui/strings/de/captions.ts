/** Captions. */
import type { captions as en } from '../en/captions.ts';
import type { In } from '../text.ts';

export const captions: In<typeof en> = {
  'captions.title': 'Untertitel',
  'captions.show': 'Untertitel zeigen',
  'captions.show.hint': 'Zeigt, was andere sagen, wenn deren Browser es für sie aufschreibt.',
  'captions.give': 'Aufschreiben, was ich sage',
  'captions.give.hint':
    'Ihr Browser erkennt auf diesem Gerät, was Sie sagen, und der Text geht versiegelt an alle. Ihre Stimme wird dafür niemandem geschickt. Solange Ihr Mikrofon aus ist, wird nichts aufgeschrieben.',
  'captions.unavailable':
    'Dieser Browser erkennt Gesprochenes in Ihrer Sprache nicht auf dem Gerät selbst, und Grotto lässt ihn Ihre Stimme dafür nicht verschicken.',
};
