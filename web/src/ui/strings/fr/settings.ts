/** One’s devices and how they are used, in the lobby and beside a call; the check before a call; meetings kept here. */
import type { settings as en } from '../en/settings.ts';
import type { In } from '../text.ts';

export const settings: In<typeof en> = {
  'settings.title': 'Réglages',
  'settings.sound': 'Son',
  'settings.picture': 'Image',
  'settings.mic.off': 'Votre micro est coupé.',
  'settings.speaker': 'Haut-parleur',
  'settings.device.any': 'Le choix du système',
  'settings.speaker.ask': 'Choisir un haut-parleur',
  'settings.sound.test': 'Tester le son',
  'settings.sound.playing': 'Lecture en cours',
  'settings.resolution': 'Taille de votre image',
  'settings.resolution.180': 'Petite (180p), pour une connexion lente',
  'settings.resolution.360': 'Moyenne (360p)',
  'settings.resolution.720': 'Grande (720p)',
  'settings.resolution.1080': 'Très grande (1080p)',
  'settings.noise': 'Supprimer le bruit autour de votre voix',
  'settings.noise.hint': 'Cela se fait sur cet appareil, avant tout envoi. La musique en souffre.',
  'settings.noise.loading': 'Préparation en cours',
  'settings.noise.failed': 'Le démarrage a échoué : on vous entend comme avant.',
  'settings.background': 'Arrière-plan',
  'settings.background.none': 'Tel quel',
  'settings.background.blur': 'Flou',
  'settings.background.image': 'Votre image',
  'settings.background.choose': 'Utiliser une image',
  'settings.background.forget': 'Oublier mon image',
  'settings.background.kept': 'Votre image est gardée dans ce navigateur, et nulle part ailleurs.',
  'settings.background.hint':
    'Fait sur cet appareil : la pièce derrière vous ne le quitte que si vous la montrez telle quelle.',
  'settings.background.loading': 'Préparation en cours. On vous verra dès que votre arrière-plan sera caché.',
  'settings.background.slow': 'Cet ordinateur est lent pour cela, votre image a donc été réduite.',
  'settings.background.failed':
    'Cela ne fonctionne pas pour l’instant, votre caméra est donc coupée. Choisissez « Tel quel » pour être visible quand même.',
  'settings.background.no_picture': 'Ce fichier n’est pas une image que le navigateur sait ouvrir.',
  'settings.background.unable':
    'Ce navigateur ne peut pas cacher votre arrière-plan : il lui manque WebGL 2 ou WebAssembly SIMD.',

  'lobby.effects': 'Arrière-plan et bruit',
  'lobby.join.without': 'Rejoindre sans micro ni caméra',
  'lobby.keep_link': 'Garder la clé de cette réunion dans ce navigateur',
  'lobby.keep_link.hint':
    'Elle s’ouvre alors depuis la page d’accueil sans son lien, pour toute personne qui se sert de ce navigateur.',
  'device.background': 'Votre arrière-plan n’a pas pu être caché, votre caméra est donc coupée.',
  'device.background.hint': 'Choisissez un autre arrière-plan ci-dessous, ou entrez sans caméra.',

  'check.title': 'Vérifier ce navigateur et le réseau',
  'check.encryption.good': 'Ce navigateur peut chiffrer les appels.',
  'check.devices.good': 'Tout va bien avec le micro et la caméra.',
  'check.network.busy': 'Essai du réseau',
  'check.server.good': 'Le serveur a répondu en {ms} ms.',
  'check.server.bad': 'Le serveur ne répond pas. Vérifiez votre connexion.',
  'check.signalling.good': 'La connexion nécessaire à un appel s’établit.',
  'check.signalling.bad':
    'Quelque chose bloque les WebSockets en chemin, souvent le proxy d’une entreprise. Essayez un autre réseau.',
  'check.media.good':
    'Le navigateur laisse les appels utiliser le réseau. Là où UDP est bloqué, l’appel trouve un autre chemin.',
  'check.media.bad':
    'Le navigateur ne donne pas de réseau aux appels. Un réglage de confidentialité ou une extension VPN a peut-être coupé WebRTC.',

  'recent.title': 'Réunions récentes',
  'recent.complete': 'S’ouvre d’ici',
  'recent.link_needed': 'Son lien est nécessaire',
  'recent.forget': 'Oublier {name}',

  'problem.mic_lost': 'Le micro a disparu.',
  'problem.mic_lost.hint': 'Rebranchez-le dans la minute, ou choisissez-en un autre dans les réglages.',
  'problem.mic_replaced': 'Le micro a disparu. Un autre a pris sa place.',
  'problem.mic_replaced.hint': 'Vous pouvez en changer dans les réglages.',
  'problem.mic_back': 'Le micro est revenu, et il est activé.',
  'problem.camera_lost': 'La caméra a disparu.',
  'problem.camera_lost.hint': 'Rebranchez-la dans la minute, ou choisissez-en une autre dans les réglages.',
  'problem.camera_back': 'La caméra est revenue, et elle est activée.',
  'problem.background_failed': 'Votre arrière-plan n’a pas pu être caché, votre caméra est donc coupée.',
  'problem.background_failed.hint': 'Réessayez, ou choisissez un autre arrière-plan dans les réglages.',
};
