/** Before the call: oneself, the devices, joining. */
import type { lobby as en } from '../en/lobby.ts';
import type { In } from '../text.ts';

export const lobby: In<typeof en> = {
  'lobby.self': 'Votre image, comme dans un miroir',
  'lobby.name': 'Votre nom',
  'lobby.name.hint': 'Les autres le voient, le serveur non.',
  'lobby.name.missing': 'Dites d’abord qui vous êtes, pour que les autres sachent qui arrive.',
  'lobby.remember': 'Se souvenir de moi dans ce navigateur',
  'lobby.remember.hint':
    'Garde vos clés ici, pour que les personnes qui vous ont vérifié vous reconnaissent la prochaine fois. À éviter sur un ordinateur partagé.',
  'lobby.remember.kept': 'Ce navigateur se souvient de vous depuis une réunion précédente.',
  'lobby.remember.unavailable':
    'Ce navigateur ne garde rien pour la page, ou un autre onglet utilise votre identité. Vous entrez en tant qu’invité.',
  'lobby.sign_in': 'Se connecter pour modérer',
  'lobby.join': 'Rejoindre',
  'lobby.join.busy': 'Connexion',
  'lobby.preparing': 'Préparation du chiffrement',
  'lobby.promise': 'Chiffré de bout en bout. Le serveur transporte l’appel et ne peut pas l’ouvrir.',
  'lobby.devices': 'Appareils',
  'lobby.mic.device': 'Choix du micro',
  'lobby.camera.device': 'Choix de la caméra',
  'lobby.device.numbered': '{kind} {number}',
  'lobby.device.none.mic': 'Aucun micro',
  'lobby.device.none.camera': 'Aucune caméra',
  'lobby.level': 'Niveau du micro',
  'lobby.camera.off': 'Votre caméra est coupée',
  'lobby.camera.starting': 'La caméra démarre. Si le navigateur pose une question, répondez-lui.',
  'lobby.advanced': 'Avancé',
  'lobby.codec': 'Format vidéo',
  'lobby.codec.auto': 'Choisir pour moi',
  'lobby.codec.vp8': 'VP8, fonctionne partout',
  'lobby.codec.vp9': 'VP9, plus net sur une connexion lente',
  'lobby.codec.av1': 'AV1, le plus net, demande un ordinateur rapide',
  'lobby.codec.h264': 'H.264, ménage la batterie, pas dans tous les navigateurs',

  'device.denied': 'Le navigateur n’a pas le droit de donner la caméra ou le micro à cette page.',
  'device.denied.hint': 'Autorisez-le dans la barre d’adresse, ou entrez sans.',
  'device.missing.both': 'Ni caméra ni micro n’ont été trouvés.',
  'device.missing.camera': 'Aucune caméra n’a été trouvée.',
  'device.missing.mic': 'Aucun micro n’a été trouvé.',
  'device.missing.hint': 'Branchez-en un et activez-le ici, ou entrez sans.',
  'device.busy': 'La caméra ou le micro n’a pas pu être ouvert.',
  'device.busy.hint': 'Un autre programme s’en sert peut-être. Fermez-le et réessayez ici.',
};
