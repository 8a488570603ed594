/** What this browser keeps: one’s own keys and whom one met. */
import type { device as en } from '../en/device.ts';
import type { In } from '../text.ts';

export const device: In<typeof en> = {
  'device.title': 'Este dispositivo',
  'device.identity.guest':
    'Estás aquí como invitado: cuando salgas, este navegador olvida tus claves y a quién conociste.',
  'device.identity.kept':
    'Este navegador te recuerda. Quienes te verificaron te reconocerán en reuniones futuras, y tú a ellos.',
  'device.identity.unavailable':
    'Este navegador no guarda nada para la página, o tu identidad está en uso en otra pestaña. Aquí eres invitado.',
  'device.forget': 'Olvidar este dispositivo',
  'device.forget.text': 'Borra de este navegador tus claves, y a quién verificaste o bloqueaste.',
  'device.forget.title': '¿Olvidar este dispositivo?',
  'device.forget.does':
    'Tus claves y la lista de personas se borran de este navegador. En reuniones futuras eres nuevo para todos, y todos para ti. No se puede deshacer.',
  'device.forget.confirm': 'Olvidar todo',
  'device.forgotten': 'Se borró todo. Desde la próxima reunión eres nuevo para todos.',
  'device.failed': 'No se pudo borrar. Recarga la página y prueba otra vez.',
  'device.known': 'Personas que conociste',
  'device.known.none': 'Todavía no se recuerda a nadie.',
  'device.known.failed': 'No se pudo leer la lista.',
  'device.known.verified': 'Verificado',
  'device.known.blocked': 'Bloqueado',
  'device.known.met': 'Ya conocido',
  'device.known.nameless': 'Alguien sin nombre',
  'device.known.forget': 'Olvidar',
  'device.known.forget.label': 'Olvidar a {name}',
  'device.known.unblock': 'Desbloquear',
  'device.known.unblock.label': 'Desbloquear a {name}',
  'device.known.later': 'Los cambios valen desde la próxima reunión.',
};
