/** Polls. */
import type { polls as en } from '../en/polls.ts';
import type { In } from '../text.ts';

export const polls: In<typeof en> = {
  'polls.title': 'Encuestas',
  'polls.empty': 'Todavía nadie ha preguntado nada.',
  'polls.public':
    'Todos aquí ven quién respondió qué. Una respuesta cuenta mientras el dispositivo del que vino siga en la reunión.',
  'polls.new': 'Encuesta nueva',
  'polls.question': 'Pregunta',
  'polls.option': 'Respuesta {number}',
  'polls.option.add': 'Añadir una respuesta',
  'polls.many': 'Se pueden elegir varias respuestas',
  'polls.ask': 'Preguntar a todos',
  'polls.cancel': 'Cancelar',
  'polls.error.incomplete': 'Una encuesta tiene una pregunta y al menos dos respuestas.',
  'polls.error.same': 'Dos de las respuestas son iguales.',
  'polls.error.many': 'Ya tienes tantas encuestas como admite una reunión.',
  'polls.error.offline': 'Conexión perdida. Inténtalo de nuevo cuando vuelva.',
  'polls.error.failed': 'No se pudo enviar la encuesta. Inténtalo de nuevo.',
  'polls.by': '{name} pregunta',
  'polls.by.self': 'Tú preguntas',
  'polls.votes.one': 'Un voto',
  'polls.votes.other': '{count} votos',
  'polls.voters.one': 'Una persona ha respondido',
  'polls.voters.other': 'Han respondido {count} personas',
  'polls.who': 'Quién respondió qué',
  'polls.nobody': 'Nadie',
  'polls.back': 'Retirar mi respuesta',
  'polls.close': 'Cerrar la encuesta',
  'polls.closed': 'Cerrada.',
  'polls.asked': '{name} pregunta: {question}',
  'polls.asked.show': 'Responder',
};
