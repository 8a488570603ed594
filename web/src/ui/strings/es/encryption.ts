/** What the encryption of the room and of each person is. */
import type { encryption as en } from '../en/encryption.ts';
import type { In } from '../text.ts';

export const encryption: In<typeof en> = {
  'state.new': 'Cifrado, sin verificar',
  'state.new.hint': 'Comparad emojis para aseguraros de que no hay nadie en medio.',
  'state.known': 'Conocido de una reunión anterior',
  'state.known.hint': 'Las mismas claves que entonces. Sin verificar.',
  'state.verified': 'Verificado',
  'state.verified.hint': 'Los dos comparasteis las claves.',
  'state.changed_key': 'No son las claves que conoces',
  'state.changed_key.hint':
    'Tiene el nombre o la dirección de alguien que conoces, con otras claves: un dispositivo nuevo, u otra persona. Verifica antes de confiar.',
  'state.outside_key': 'Clave definida por esta página',
  'state.outside_key.hint':
    'El programa que rodea esta reunión eligió la clave. Grotto no puede decir quién más la tiene.',
  'state.blocked': 'Bloqueado por ti',
  'state.blocked.hint': 'No se le envía nada, y nada suyo se muestra.',
  'state.waiting_for_key': 'Esperando la clave',
  'state.waiting_for_key.hint': 'La clave está en camino.',
  'state.cannot_decrypt': 'No se puede descifrar',
  'state.cannot_decrypt.hint':
    'Se ha vuelto a pedir su clave. Si sigue así, uno de los dos debe salir y volver a entrar.',
  'state.wrong_secret': 'Entró con otro enlace',
  'state.wrong_secret.hint': 'Nada suyo se puede descifrar, y no recibe nada tuyo. Envíale el enlace correcto.',
  'state.refused': 'Claves no aceptadas',
  'state.refused.hint':
    'Lo que anunció no es válido: no se le envía nada y nada suyo se reproduce. Puede probar a entrar otra vez.',
  'state.no_transform': 'Tu sonido y tu imagen no se envían',
  'state.no_transform.hint': 'El cifrado no pudo iniciarse: a este navegador le falta lo necesario para sellarlos.',
  'state.engine_failed': 'Tu sonido y tu imagen no se envían',
  'state.engine_failed.hint': 'El cifrado no funciona en esta pestaña. Recarga la página para volver a intentarlo.',
  'state.self': 'Tú',

  'encryption.label': 'Cifrado',
  'encryption.ok': 'Cifrado de extremo a extremo',
  'encryption.attention.one': 'Cifrado, una persona por comprobar',
  'encryption.attention.other': 'Cifrado, {count} personas por comprobar',
  'encryption.roster_differs': 'Algunos ven otra lista de participantes',
  'encryption.silent': 'Algunos no confirman quién está aquí',
  'encryption.changed_key': 'Alguien tiene claves distintas de las de antes',
  'encryption.outside_key': 'Cifrado con una clave definida por esta página',
  'encryption.wrong_secret_all': 'Nadie aquí tiene tu secreto',
  'encryption.broken': 'Tu sonido y tu imagen no se envían',
  'encryption.title': 'Cifrado',
  'encryption.sentence.ok':
    'Todo lo que envías se sella en este navegador, y solo las personas que ves aquí tienen las claves.',
  'encryption.sentence.attention':
    'Lo que envías va sellado, pero lo de algunas personas no se puede descifrar. Su recuadro dice por qué.',
  'encryption.sentence.roster_differs':
    'A alguien de aquí se le anuncian otros participantes que a ti. Quizá el servidor oculta a alguien. Decid en voz alta quién está aquí, y comparad el código de la reunión.',
  'encryption.sentence.silent':
    'Alguien aquí lleva medio minuto sin decir a quién ve. Quizá perdió la conexión, o el servidor la retiene.',
  'encryption.sentence.broken':
    'El cifrado no funciona en esta pestaña, así que nada tuyo sale de ella. Recarga la página para volver a intentarlo.',
  'encryption.sentence.changed_key':
    'Alguien aquí lleva el nombre o la dirección de una persona que conoces, con otras claves. Puede ser un dispositivo nuevo, u otra persona. Verifica antes de fiarte de lo que diga.',
  'encryption.sentence.outside_key':
    'Lo que envías va sellado con una clave que definió el programa que rodea esta reunión. Es tan secreta como ese programa la guarde; no hay a quién verificar.',
  'encryption.sentence.wrong_secret_all':
    'Nadie aquí tiene el mismo secreto. Revisa las palabras, o pide otra vez el enlace. Nada tuyo les llega, y nada suyo se puede descifrar.',
  'encryption.link': 'El enlace cambió',
  'encryption.link.us': 'Cambiaste el enlace de esta reunión. El anterior ya no abre nada.',
  'encryption.link.them': '{name} cambió el enlace de esta reunión. El anterior ya no abre nada.',
  'encryption.link.copy': 'Copiar el enlace nuevo',
  'encryption.verify': 'Verificar personas',
  'encryption.protects': 'Lo que te protege',
  'encryption.protects.text':
    'El sonido, la imagen, las pantallas, los nombres y el chat se sellan aquí con claves creadas para esta llamada. El servidor los transmite sin abrirlos, y se crean claves nuevas cada vez que alguien sale.',
  'encryption.not': 'Lo que no hace',
  'encryption.not.text':
    'Aun así, el servidor ve quién está conectado, desde dónde, cuándo y cuántos datos envía. Quien tenga el enlace puede entrar. Y esta misma página viene del servidor.',
  'encryption.people': 'Personas por comprobar',
  'encryption.code': 'Código de la reunión',
  'encryption.code.text':
    'Leedlo en voz alta. Quien tiene las mismas cifras ve a las mismas personas con las mismas claves. Cambia cuando alguien entra o sale.',
  'encryption.code.show': 'Mostrar el código',
  'encryption.code.busy': 'Calculando el código',
  'encryption.code.failed': 'No se pudo calcular el código. Inténtalo de nuevo cuando tengas conexión.',
};
