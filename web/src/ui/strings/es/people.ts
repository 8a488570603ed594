/** Who is here, and what can be done about somebody; hands and reactions. */
import type { people as en } from '../en/people.ts';
import type { In } from '../text.ts';

export const people: In<typeof en> = {
  'people.title': 'Personas',
  'people.count.one': 'Una persona',
  'people.count.other': '{count} personas',
  'people.list': 'Personas en la reunión',
  'people.hand': 'Mano levantada',
  'people.hand.place': 'Mano levantada, número {place}',
  'people.mic_on': 'Micrófono encendido',
  'people.camera_on': 'Cámara encendida',
  'people.actions': 'Acciones para {name}',
  'people.actions.none': 'El servidor anuncia a esta persona, pero no tiene las claves de esta reunión.',

  'people.pin': 'Mostrar en grande',
  'people.pin.text': 'Los demás quedan al lado. Solo en tu pantalla: nadie se entera.',
  'people.unpin': 'Mostrar entre los demás',
  'people.unpin.text': 'Todas las imágenes vuelven a tener el mismo tamaño.',
  'people.options': 'Volumen y conexión',
  'people.options.text': 'Con qué volumen se le oye aquí y qué tal llegan su sonido y su imagen.',
  'people.verify': 'Verificar con emojis',
  'people.verify.text': 'Los dos comparan siete emojis. Muestra que no hay nadie en medio.',
  'people.qr': 'Verificar con código QR',
  'people.qr.text': 'Uno escanea el código en la pantalla del otro. Para quienes están en un mismo sitio.',
  'people.block': 'Bloquear',
  'people.block.text': 'No le envías nada ni recibes nada suyo. Los demás sí.',
  'people.block.title': '¿Bloquear a {name}?',
  'people.block.does':
    'Ya no podrá abrir nada tuyo, y nada suyo se muestra aquí. Los demás siguen como antes, y nadie se entera.',
  'people.block.kept': 'Este navegador lo recuerda. Puedes deshacerlo en «Este dispositivo», desde la próxima reunión.',
  'people.block.guest': 'Como este navegador no te recuerda, vale solo para esta reunión.',
  'people.block.confirm': 'Bloquear a {name}',
  'people.remove': 'Sacar',
  'people.remove.text': 'Fuera de la reunión, para todos. Con el enlace puede volver.',
  'people.remove.title': '¿Sacar a {name}?',
  'people.remove.does':
    'Todos los demás crean claves nuevas que esa persona no recibe: desde entonces no ve ni oye nada. Sigue teniendo el enlace, y con él puede volver a entrar.',
  'people.remove.confirm': 'Sacar a {name}',
  'people.change': 'Sacar y cambiar el enlace',
  'people.change.text': 'Como arriba, y el enlace que tiene ya no abre nada.',
  'people.change.title': '¿Sacar a {name} y cambiar el enlace?',
  'people.change.does':
    'Esa persona sale, y todos los demás aquí reciben un secreto nuevo. El enlace anterior ya no abre nada, tampoco para invitados que aún no han entrado: envíales el nuevo. Lo que ya se ha visto y oído, visto y oído queda.',
  'people.change.confirm': 'Sacar a {name} y cambiar el enlace',
  'people.cancel': 'Cancelar',

  'hand.raise': 'Levantar la mano',
  'hand.raised': '{name} levantó la mano',
  'reactions.button': 'Reacciones',
  'reactions.told': '{name}: {reaction}',
  'reaction.thumbs_up': 'Pulgar arriba',
  'reaction.clap': 'Aplausos',
  'reaction.heart': 'Corazón rojo',
  'reaction.joy': 'Lágrimas de alegría',
  'reaction.surprise': 'Sorpresa',
  'reaction.party': 'Confeti',
};
