/** The first page: a new meeting, a link, eight words. */
import type { home as en } from '../en/home.ts';
import type { In } from '../text.ts';

export const home: In<typeof en> = {
  'app.name': 'Grotto',
  'language.label': 'Langue',
  'app.starting': 'Ouverture de la réunion',

  'home.title': 'Des réunions que seuls leurs participants voient et entendent',
  'home.what':
    'Grotto propose des réunions vidéo dans le navigateur, chiffrées de bout en bout : le serveur qui les transporte n’a aucune clé.',
  'home.new': 'Nouvelle réunion',
  'home.new.busy': 'Création de la réunion',
  'home.new.failed': 'La réunion n’a pas pu être créée. Rechargez la page et réessayez.',
  'home.or': 'ou rejoignez-en une',
  'home.words': 'Avec des mots à dicter',
  'home.words.hint': 'Pour les personnes que vous avez au téléphone : le secret du lien tient en huit mots.',
  'home.install': 'Installer comme application',
  'home.promise': 'Ni compte ni installation. Toute personne qui a le lien peut entrer.',

  'words.title': 'Lisez ceci à voix haute',
  'words.text': 'La personne qui doit entrer ouvre {origin} et saisit le nom de la réunion et les huit mots.',
  'words.room': 'Nom de la réunion',
  'words.list': 'Les huit mots',
  'words.secret': 'Ne les dites qu’aux personnes qui doivent entrer : ces mots sont la clé.',
  'words.open': 'Ouvrir la réunion',
  'words.copy': 'Copier le lien',
  'words.copied': 'Lien copié',
  'words.back': 'Retour',
  'words.hint': 'Majuscules, virgules et tirets ne comptent pas.',
  'words.submit': 'Ouvrir avec les mots',
  'words.enter': 'On m’a dicté huit mots',
  'words.link': 'J’ai un lien',
  'words.or': 'ou saisissez ses huit mots',
  'words.error.count': 'Le secret compte huit mots ; vous en avez saisi {count}.',
  'words.error.unknown': 'Ce mot n’est pas dans la liste : « {word} ».',
  'words.error.no_room': 'Saisissez le nom de la réunion, tel qu’on vous l’a dit.',
  'words.error.load': 'La liste des mots n’a pas pu être chargée. Réessayez.',
  'words.suggest': 'Vouliez-vous dire « {word} » ?',
  'words.suggest.take': 'Utiliser « {word} »',

  'link.label': 'Lien de la réunion',
  'link.hint': 'Collez le lien entier, jusqu’à la fin.',
  'link.placeholder': '{origin}/r/…#…',
  'link.open': 'Ouvrir',
  'link.error.empty': 'Collez d’abord le lien d’une réunion.',
  'link.error.not_a_link': 'Ce n’est pas le lien d’une réunion. Il ressemble à {origin}/r/nom#secret.',
  'link.error.other_host': 'Ce lien appartient à {host}. Ouvrez-le dans la barre d’adresse.',
  'link.error.no_room': 'Ce lien ne désigne aucune réunion. Demandez le lien complet.',
  'link.error.no_secret':
    'La partie après le signe # manque. Sans elle, rien ne peut être déchiffré. Demandez le lien complet.',
  'link.error.bad_secret': 'La partie après le signe # n’est pas complète. Copiez de nouveau le lien entier.',
};
