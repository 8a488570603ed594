import type { matrix as english } from '../en/matrix.ts';
import type { In } from '../text.ts';

export const matrix: In<typeof english> = {
  'state.guest': 'Ne vient pas de Matrix',
  'state.guest.hint':
    'Ici, les clés passent par Matrix : cette personne n’en reçoit aucune de vous, et rien de ce qu’elle envoie ne s’ouvre.',
  'encryption.bypassed': 'Des clés sont venues sans passer par Matrix',
  'encryption.sentence.bypassed':
    'Le serveur a remis lui-même un message de clés de quelqu’un ici. Les siens ne viennent que par Matrix, il a donc été jeté. Le serveur, ou le programme de cette personne, n’est pas comme il devrait.',
  'matrix.title': 'Clés par Matrix',
  'matrix.text':
    'Les clés voyagent en messages Matrix chiffrés et d’aucune autre façon. {client} les scelle et les ouvre, et décide à quels appareils se fier.',
  'matrix.limits':
    'Un client Matrix dit à un widget qui a envoyé un message, pas depuis quel appareil. Pour l’appareil, vous vous en remettez à {client}.',
  'matrix.guests':
    'Les personnes qui ne sont pas dans le salon Matrix reçoivent aussi des clés, par le serveur Grotto.',
  'matrix.people': 'Personnes par leur adresse Matrix',
  'matrix.checked': '{user}, les clés sont venues de là',
  'matrix.claimed': '{user}, selon le serveur',
  'matrix.outside': 'Ne vient pas de Matrix',
  'matrix.lobby': 'Vous entrez en tant que {user}. {client} le confirme au serveur et porte les clés.',
  'matrix.alone': 'Personne d’autre n’est encore là. Les autres viennent du salon Matrix, comme vous.',
  'matrix.starting': 'En attente de {client}',
  'problem.matrix_no_secret': 'D’autres sont dans l’appel, et personne ne vous en a donné le secret.',
  'problem.matrix_no_secret.hint':
    'Leur client ne se fie peut-être pas à votre appareil : vérifiez-le, puis réessayez. S’ils sont partis sans quitter, attendez un moment.',
  'problem.matrix_failed': 'Le client Matrix n’a pas fait ce qu’il faut pour entrer.',
  'problem.matrix_failed.hint': 'Autorisez ce qu’il demande pour ce widget, puis réessayez.',
  'problem.matrix_power': 'Le salon Matrix ne vous laisse pas dire que vous êtes dans son appel.',
  'problem.matrix_power.hint': 'Qui modère le salon met à 0 le niveau de pouvoir pour org.matrix.msc3401.call.member.',
  'problem.matrix_refused': 'Le serveur ne laisse pas entrer ce compte Matrix.',
  'problem.matrix_refused.hint': 'Seuls les membres du salon Matrix peuvent entrer. Demandez à qui gère le serveur.',
  'problem.matrix_not_here': 'Ce serveur ne connaît pas Matrix.',
  'problem.matrix_not_here.hint': 'Qui le gère doit définir matrix-homeserver.',
  'problem.matrix_unlinked': 'Aucune réunion n’appartient à ce salon Matrix.',
  'problem.matrix_unlinked.hint': 'Demandez un appel au bot de ce serveur dans le salon.',
  'problem.widget_address': 'Ce widget a été ajouté avec une adresse incomplète.',
  'problem.widget_address.hint': 'Elle doit nommer le salon Matrix, la personne et l’appareil. Ajoutez-le de nouveau.',
  'problem.widget_origin': 'Le serveur ne permet pas à cette page de montrer ses réunions.',
  'problem.widget_origin.hint': 'Qui gère le serveur doit nommer cette origine avec embed-origin.',
};
