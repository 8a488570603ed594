/** What went wrong, by the code of the problem: what happened, and as `.hint` what to do. */
import type { problem as en } from '../en/problem.ts';
import type { In } from '../text.ts';

export const problem: In<typeof en> = {
  'problem.insecure_context': 'Cette page a été ouverte en simple HTTP, donc le navigateur ne donne pas de caméra.',
  'problem.insecure_context.hint': 'Ouvrez-la en HTTPS ou sur localhost.',
  'problem.no_transform': 'Ce navigateur ne sait pas chiffrer les appels, il ne peut donc pas entrer.',
  'problem.no_transform.hint': 'Prenez un Chromium, Chrome, Edge, Firefox ou Safari à jour.',
  'problem.no_webrtc': 'Ce navigateur n’a pas d’appels vidéo (WebRTC), il ne peut donc pas entrer.',
  'problem.no_webrtc.hint': 'Prenez un Chromium, Chrome, Edge, Firefox ou Safari à jour.',
  'problem.no_secret': 'Ce lien n’est pas complet : la partie après le signe # manque.',
  'problem.no_secret.hint':
    'Cette partie est la clé de la réunion. Elle n’arrive jamais au serveur, personne ici ne peut donc la compléter. Collez le lien complet.',
  'problem.bad_secret': 'La partie du lien après le signe # n’est pas le secret d’une réunion.',
  'problem.bad_secret.hint': 'Copiez de nouveau le lien entier et collez-le ici.',
  'problem.no_room': 'Ce lien ne nomme aucune réunion.',
  'problem.no_room.hint': 'Demandez le lien complet, ou créez une nouvelle réunion.',
  'problem.engine_failed': 'Le moteur de chiffrement n’a pas pu démarrer, donc rien n’a été envoyé.',
  'problem.engine_failed.hint':
    'Rechargez la page. Si cela n’aide pas, autorisez-lui WebAssembly : certains modes de protection le coupent.',
  'problem.worker_failed': 'Le chiffrement s’est arrêté dans cet onglet, donc plus rien n’est envoyé.',
  'problem.worker_failed.hint': 'Rechargez la page pour revenir dans la réunion.',
  'problem.mic_denied': 'Le navigateur n’a pas le droit de donner le micro à cette page.',
  'problem.mic_denied.hint': 'Autorisez-le dans la barre d’adresse, puis réactivez-le.',
  'problem.mic_missing': 'Aucun micro n’a été trouvé.',
  'problem.mic_missing.hint': 'Branchez-en un, puis réactivez-le.',
  'problem.mic_busy': 'Le micro n’a pas pu être ouvert.',
  'problem.mic_busy.hint': 'Un autre programme s’en sert peut-être. Fermez-le, puis réactivez le micro.',
  'problem.camera_denied': 'Le navigateur n’a pas le droit de donner la caméra à cette page.',
  'problem.camera_denied.hint': 'Autorisez-le dans la barre d’adresse, puis réactivez-la.',
  'problem.camera_missing': 'Aucune caméra n’a été trouvée.',
  'problem.camera_missing.hint': 'Branchez-en une, puis réactivez-la.',
  'problem.camera_busy': 'La caméra n’a pas pu être ouverte.',
  'problem.camera_busy.hint': 'Un autre programme s’en sert peut-être. Fermez-le, puis réactivez la caméra.',
  'problem.unreachable': 'Le serveur est injoignable.',
  'problem.unreachable.hint': 'Vérifiez votre connexion, puis réessayez.',
  'problem.media_failed': 'Le son et l’image n’ont pas pu être connectés.',
  'problem.media_failed.hint': 'Un pare-feu bloque peut-être UDP. Essayez un autre réseau.',
  'problem.share_denied': 'L’écran n’a pas été partagé.',
  'problem.share_denied.hint': 'Le navigateur ou le système ne l’a pas permis.',
  'problem.unknown': 'Quelque chose s’est mal passé.',
  'problem.unknown.hint': 'Rechargez la page et entrez de nouveau.',
};
