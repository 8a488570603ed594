/** Before the call: oneself, the devices, joining. */
import type { lobby as en } from '../en/lobby.ts';
import type { In } from '../text.ts';

export const lobby: In<typeof en> = {
  'lobby.self': 'Tu imagen, como en un espejo',
  'lobby.name': 'Tu nombre',
  'lobby.name.hint': 'Los demás lo ven, el servidor no.',
  'lobby.name.missing': 'Di primero quién eres, para que los demás sepan quién entra.',
  'lobby.remember': 'Recordarme en este navegador',
  'lobby.remember.hint':
    'Guarda aquí tus claves, para que quienes te verificaron te reconozcan la próxima vez. No lo uses en un ordenador compartido.',
  'lobby.remember.kept': 'Este navegador te recuerda de una reunión anterior.',
  'lobby.remember.unavailable':
    'Este navegador no guarda nada para la página, o tu identidad está en uso en otra pestaña. Entrarás como invitado.',
  'lobby.sign_in': 'Iniciar sesión para moderar',
  'lobby.join': 'Entrar',
  'lobby.join.busy': 'Entrando',
  'lobby.preparing': 'Preparando el cifrado',
  'lobby.promise': 'Cifrado de extremo a extremo. El servidor transporta la llamada y no puede abrirla.',
  'lobby.devices': 'Dispositivos',
  'lobby.mic.device': 'Elegir micrófono',
  'lobby.camera.device': 'Elegir cámara',
  'lobby.device.numbered': '{kind} {number}',
  'lobby.device.none.mic': 'Sin micrófono',
  'lobby.device.none.camera': 'Sin cámara',
  'lobby.level': 'Nivel del micrófono',
  'lobby.camera.off': 'Tu cámara está apagada',
  'lobby.camera.starting': 'Encendiendo la cámara. Si el navegador pregunta, respóndele.',
  'lobby.advanced': 'Avanzado',
  'lobby.codec': 'Formato de vídeo',
  'lobby.codec.auto': 'Elegir por mí',
  'lobby.codec.vp8': 'VP8, funciona en todas partes',
  'lobby.codec.vp9': 'VP9, más nítido con una conexión lenta',
  'lobby.codec.av1': 'AV1, el más nítido, requiere un ordenador rápido',
  'lobby.codec.h264': 'H.264, cuida la batería, no en todos los navegadores',

  'device.denied': 'El navegador no permite que esta página use la cámara o el micrófono.',
  'device.denied.hint': 'Permítelo en la barra de direcciones, o entra sin ellos.',
  'device.missing.both': 'No se encontró ni cámara ni micrófono.',
  'device.missing.camera': 'No se encontró ninguna cámara.',
  'device.missing.mic': 'No se encontró ningún micrófono.',
  'device.missing.hint': 'Conecta uno y enciéndelo aquí, o entra sin él.',
  'device.busy': 'No se pudo abrir la cámara o el micrófono.',
  'device.busy.hint': 'Quizá lo usa otro programa. Ciérralo y enciéndelo aquí otra vez.',
};
