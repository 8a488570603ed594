/** Files in the chat. */
import type { files as en } from '../en/files.ts';
import type { In } from '../text.ts';

export const files: In<typeof en> = {
  'files.share': 'Partager un fichier',
  'files.error.empty': 'Ce fichier est vide.',
  'files.error.long': 'Un fichier ne peut pas dépasser {size}.',
  'files.error.many': 'Trop de fichiers à la fois. Attendez que l’un se termine, ou arrêtez-en un.',
  'files.error.offline': 'Connexion perdue. Partagez le fichier dès qu’elle sera rétablie.',
  'files.error.gone': '{name} n’est plus là. Choisissez avec qui partager.',
  'files.error.failed': 'Le fichier n’a pas pu être lu. Réessayez.',
  'files.take': 'Télécharger',
  'files.take.label': 'Télécharger {name}',
  'files.stop': 'Arrêter',
  'files.withdraw': 'Retirer',
  'files.save': 'Enregistrer',
  'files.save.label': 'Enregistrer {name}',
  'files.again': 'Réessayer',
  'files.progress': 'Reçu de {name}',
  'files.state.receiving': 'Réception, {percent}',
  'files.state.ready': 'Reçu en entier. Ne l’ouvrez que si vous faites confiance à la personne qui l’a envoyé.',
  'files.state.broken': 'Ce qui est arrivé n’est pas ce qui était proposé, et a été supprimé.',
  'files.state.stalled': 'Le fichier n’arrive pas.',
  'files.state.gone': 'Ce fichier n’est plus proposé.',
  'files.state.shared': 'Il reste sur votre appareil jusqu’à ce que quelqu’un le télécharge.',
  'files.state.sending': 'Envoi en cours',
  'files.taken.one': 'Une personne l’a',
  'files.taken.other': '{count} personnes l’ont',
};
