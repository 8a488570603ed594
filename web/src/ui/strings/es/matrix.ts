import type { matrix as english } from '../en/matrix.ts';
import type { In } from '../text.ts';

export const matrix: In<typeof english> = {
  'state.guest': 'No es de Matrix',
  'state.guest.hint': 'Aquí las claves van por Matrix: no recibe ninguna de las tuyas y nada de lo que envía se abre.',
  'encryption.bypassed': 'Llegaron claves sin pasar por Matrix',
  'encryption.sentence.bypassed':
    'El servidor entregó por su cuenta un mensaje de claves de alguien. Los suyos solo llegan por Matrix, así que se descartó. El servidor, o el programa de esa persona, no es como debería.',
  'matrix.title': 'Claves por Matrix',
  'matrix.text':
    'Las claves viajan como mensajes cifrados de Matrix y de ninguna otra forma. {client} los sella y los abre, y decide en qué dispositivos confía.',
  'matrix.limits':
    'Un cliente de Matrix le dice a un widget quién envió un mensaje, no desde qué dispositivo. En cuanto al dispositivo, dependes de {client}.',
  'matrix.guests': 'Quien no está en la sala de Matrix también recibe claves, por el servidor de Grotto.',
  'matrix.people': 'Personas por su dirección de Matrix',
  'matrix.checked': '{user}, de ahí llegaron las claves',
  'matrix.claimed': '{user}, según el servidor',
  'matrix.outside': 'No es de Matrix',
  'matrix.lobby': 'Entras como {user}. {client} se lo confirma al servidor y lleva las claves.',
  'matrix.alone': 'Todavía no hay nadie más. Los demás vienen de la sala de Matrix, como tú.',
  'matrix.starting': 'Esperando a {client}',
  'problem.matrix_no_secret': 'Hay otras personas en la llamada y ninguna te dio el secreto.',
  'problem.matrix_no_secret.hint':
    'Puede que su cliente no confíe en tu dispositivo: verifícalo e inténtalo de nuevo. Si se fueron sin salir, espera un rato.',
  'problem.matrix_failed': 'El cliente de Matrix no hizo lo necesario para entrar.',
  'problem.matrix_failed.hint': 'Permite lo que pregunta sobre este widget e inténtalo de nuevo.',
  'problem.matrix_power': 'La sala de Matrix no te deja decir que estás en su llamada.',
  'problem.matrix_power.hint': 'Quien modera la sala pone a 0 el nivel de poder de org.matrix.msc3401.call.member.',
  'problem.matrix_refused': 'El servidor no deja entrar a esta cuenta de Matrix.',
  'problem.matrix_refused.hint':
    'Solo pueden entrar los miembros de la sala de Matrix. Pregunta a quien administra el servidor.',
  'problem.matrix_not_here': 'Este servidor no sabe nada de Matrix.',
  'problem.matrix_not_here.hint': 'Quien lo administra debe definir matrix-homeserver.',
  'problem.matrix_unlinked': 'Ninguna reunión pertenece a esta sala de Matrix.',
  'problem.matrix_unlinked.hint': 'Pide una llamada al bot de este servidor en la sala.',
  'problem.widget_address': 'Este widget se añadió con una dirección incompleta.',
  'problem.widget_address.hint': 'Debe indicar la sala de Matrix, la persona y el dispositivo. Añádelo de nuevo.',
  'problem.widget_origin': 'El servidor no permite que esta página muestre sus reuniones.',
  'problem.widget_origin.hint': 'Quien administra el servidor debe indicar este origen con embed-origin.',
};
