/** What this browser keeps: one’s own keys and whom one met. */
import type { device as en } from '../en/device.ts';
import type { In } from '../text.ts';

export const device: In<typeof en> = {
  'device.title': 'Este dispositivo',
  'device.identity.guest':
    'Participas como invitado: cuando salgas, este navegador olvidará tus claves y a quiénes conociste.',
  'device.identity.kept':
    'Este navegador te recuerda. Quienes te verificaron te reconocerán en reuniones futuras, y tú a ellos.',
  'device.identity.unavailable':
    'Este navegador no guarda nada para la página, o tu identidad está en uso en otra pestaña. Participas como invitado.',
  'device.forget': 'Olvidar este dispositivo',
  'device.forget.text': 'Borra de este navegador tus claves y la lista de personas que verificaste o bloqueaste.',
  'device.forget.title': '¿Olvidar este dispositivo?',
  'device.forget.does':
    'Tus claves y la lista de personas se borran de este navegador. En las próximas reuniones nadie te reconocerá, y tú no reconocerás a nadie. No se puede deshacer.',
  'device.forget.confirm': 'Olvidar todo',
  'device.forgotten': 'Se ha borrado todo. Desde la próxima reunión nadie te reconocerá.',
  'device.failed': 'No se pudo borrar. Recarga la página y inténtalo de nuevo.',
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
  'device.known.later': 'Los cambios se aplican desde la próxima reunión.',
};
