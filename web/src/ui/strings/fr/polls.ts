/** Polls. */
import type { polls as en } from '../en/polls.ts';
import type { In } from '../text.ts';

export const polls: In<typeof en> = {
  'polls.title': 'Sondages',
  'polls.empty': 'Personne n’a encore rien demandé.',
  'polls.public':
    'Tout le monde ici voit qui a répondu quoi. Une réponse compte tant que l’appareil dont elle vient est dans la réunion.',
  'polls.new': 'Nouveau sondage',
  'polls.question': 'Question',
  'polls.option': 'Réponse {number}',
  'polls.option.add': 'Ajouter une réponse',
  'polls.many': 'Plusieurs réponses sont possibles',
  'polls.ask': 'Demander à tous',
  'polls.cancel': 'Annuler',
  'polls.error.incomplete': 'Un sondage a une question et au moins deux réponses.',
  'polls.error.same': 'Deux des réponses sont identiques.',
  'polls.error.many': 'Vous avez déjà autant de sondages qu’une réunion en accepte.',
  'polls.error.offline': 'Connexion perdue. Réessayez dès qu’elle sera rétablie.',
  'polls.error.failed': 'Le sondage n’a pas pu être envoyé. Réessayez.',
  'polls.by': '{name} demande',
  'polls.by.self': 'Vous demandez',
  'polls.votes.one': 'Une voix',
  'polls.votes.other': '{count} voix',
  'polls.voters.one': 'Une personne a répondu',
  'polls.voters.other': '{count} personnes ont répondu',
  'polls.who': 'Qui a répondu quoi',
  'polls.nobody': 'Personne',
  'polls.back': 'Retirer ma réponse',
  'polls.close': 'Terminer le sondage',
  'polls.closed': 'Terminé.',
  'polls.asked': '{name} demande : {question}',
  'polls.asked.show': 'Répondre',
};
