/** Recording on this device. */
import type { recording as en } from '../en/recording.ts';
import type { In } from '../text.ts';

export const recording: In<typeof en> = {
  'recording.title': 'Enregistrer sur cet appareil',
  'recording.what': 'L’image et le son de la réunion vont dans un fichier sur cet appareil, et nulle part ailleurs.',
  'recording.told': 'Tout le monde ici est averti que vous enregistrez. Demandez d’abord leur accord.',
  'recording.view': 'Ce qui est enregistré',
  'recording.view.everybody': 'Tout le monde',
  'recording.view.everybody.hint':
    'Toutes les personnes en grille ; un écran partagé en grand, avec des personnes à côté.',
  'recording.view.view': 'Ce que je vois',
  'recording.view.view.hint':
    'La scène telle que vous la voyez, avec la personne que vous affichez en grand. Le chat et les panneaux n’y sont pas.',
  'recording.start': 'Commencer l’enregistrement',
  'recording.stop': 'Arrêter l’enregistrement',
  'recording.now': 'Vous enregistrez',
  'recording.saving': 'Sauvegarde de l’enregistrement en cours',
  'recording.saved': 'L’enregistrement est sauvegardé sous {file} ({size}).',
  'recording.failed':
    'L’enregistrement n’a pas pu se faire. Le disque est peut-être plein, ou le fichier ne peut pas être écrit.',
  'recording.broken':
    'L’enregistrement s’est arrêté trop tôt : la suite n’a pas pu être écrite. Ce qui précède est dans {file}.',
  'recording.dismiss': 'D’accord',
  'recording.unsupported':
    'Ce navigateur ne sait pas enregistrer. Utilisez une version à jour de Chromium, Chrome, Edge, Firefox ou Safari.',
  'recording.limit': 'Le fichier n’est pas chiffré. Gardez cette page ouverte jusqu’à ce qu’il soit sauvegardé.',
  'recording.file': 'Fichier vidéo',
  'recording.others': 'Enregistrent sur leur appareil : {names}',
  'tile.recording': 'Enregistre la réunion',
};
