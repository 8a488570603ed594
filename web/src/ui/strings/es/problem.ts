/** What went wrong, by the code of the problem: what happened, and as `.hint` what to do. */
import type { problem as en } from '../en/problem.ts';
import type { In } from '../text.ts';

export const problem: In<typeof en> = {
  'problem.insecure_context': 'Esta página se abrió por HTTP simple, así que el navegador no da cámara.',
  'problem.insecure_context.hint': 'Ábrela por HTTPS o en localhost.',
  'problem.no_transform': 'Este navegador no sabe cifrar llamadas, así que no puede entrar.',
  'problem.no_transform.hint': 'Usa un Chromium, Chrome, Edge, Firefox o Safari actual.',
  'problem.no_webrtc': 'Este navegador no tiene videollamadas (WebRTC), así que no puede entrar.',
  'problem.no_webrtc.hint': 'Usa un Chromium, Chrome, Edge, Firefox o Safari actual.',
  'problem.no_secret': 'Este enlace no está completo: falta la parte después del signo #.',
  'problem.no_secret.hint':
    'Esa parte es la clave de la reunión. Nunca llega al servidor, así que nadie aquí puede completarla. Pega el enlace completo.',
  'problem.bad_secret': 'La parte del enlace después del signo # no es el secreto de una reunión.',
  'problem.bad_secret.hint': 'Copia otra vez el enlace entero y pégalo aquí.',
  'problem.no_room': 'Este enlace no nombra ninguna reunión.',
  'problem.no_room.hint': 'Pide el enlace completo, o crea una reunión nueva.',
  'problem.engine_failed': 'El motor de cifrado no pudo arrancar, así que no se envió nada.',
  'problem.engine_failed.hint':
    'Recarga la página. Si no sirve, permítele WebAssembly: algunos modos de protección lo desactivan.',
  'problem.worker_failed': 'El cifrado dejó de funcionar en esta pestaña, así que ya no se envía nada.',
  'problem.worker_failed.hint': 'Recarga la página para volver a la reunión.',
  'problem.mic_denied': 'El navegador tiene orden de no dar a esta página el micrófono.',
  'problem.mic_denied.hint': 'Permítelo en la barra de direcciones y enciéndelo otra vez.',
  'problem.mic_missing': 'No se encontró ningún micrófono.',
  'problem.mic_missing.hint': 'Conecta uno y enciéndelo otra vez.',
  'problem.mic_busy': 'No se pudo abrir el micrófono.',
  'problem.mic_busy.hint': 'Quizá lo usa otro programa. Ciérralo y enciéndelo otra vez.',
  'problem.camera_denied': 'El navegador tiene orden de no dar a esta página la cámara.',
  'problem.camera_denied.hint': 'Permítelo en la barra de direcciones y enciéndela otra vez.',
  'problem.camera_missing': 'No se encontró ninguna cámara.',
  'problem.camera_missing.hint': 'Conecta una y enciéndela otra vez.',
  'problem.camera_busy': 'No se pudo abrir la cámara.',
  'problem.camera_busy.hint': 'Quizá la usa otro programa. Ciérralo y enciéndela otra vez.',
  'problem.unreachable': 'No se puede llegar al servidor.',
  'problem.unreachable.hint': 'Revisa tu conexión y prueba otra vez.',
  'problem.media_failed': 'No se pudieron conectar el sonido y la imagen.',
  'problem.media_failed.hint': 'Quizá un cortafuegos bloquea UDP. Prueba otra red.',
  'problem.share_denied': 'La pantalla no se compartió.',
  'problem.share_denied.hint': 'El navegador o el sistema no lo permitió.',
  'problem.unknown': 'Algo salió mal.',
  'problem.unknown.hint': 'Recarga la página y entra otra vez.',
};
