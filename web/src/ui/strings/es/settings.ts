/** One’s devices and how they are used, in the lobby and beside a call; the check before a call; meetings kept here. */
import type { settings as en } from '../en/settings.ts';
import type { In } from '../text.ts';

export const settings: In<typeof en> = {
  'settings.title': 'Ajustes',
  'settings.sound': 'Sonido',
  'settings.picture': 'Imagen',
  'settings.mic.off': 'Tu micrófono está apagado.',
  'settings.speaker': 'Altavoz',
  'settings.device.any': 'Lo que elija el sistema',
  'settings.speaker.ask': 'Elegir un altavoz',
  'settings.sound.test': 'Probar el sonido',
  'settings.sound.playing': 'Sonando',
  'settings.resolution': 'Tamaño de tu imagen',
  'settings.resolution.180': 'Pequeña (180p), para una conexión lenta',
  'settings.resolution.360': 'Mediana (360p)',
  'settings.resolution.720': 'Grande (720p)',
  'settings.resolution.1080': 'Muy grande (1080p)',
  'settings.noise': 'Quitar el ruido que rodea tu voz',
  'settings.noise.hint': 'Se hace en este dispositivo, antes de enviar nada. La música suena peor.',
  'settings.noise.loading': 'Preparando',
  'settings.noise.failed': 'No se pudo iniciar, así que se te oye como antes.',
  'settings.background': 'Fondo',
  'settings.background.none': 'Tal como es',
  'settings.background.blur': 'Desenfocado',
  'settings.background.image': 'Tu imagen',
  'settings.background.choose': 'Usar una imagen',
  'settings.background.forget': 'Olvidar mi imagen',
  'settings.background.kept': 'Tu imagen se guarda en este navegador y en ningún otro sitio.',
  'settings.background.hint':
    'Se hace en este dispositivo: la habitación detrás de ti solo sale de él si la muestras tal como es.',
  'settings.background.loading': 'Preparando. Se te verá en cuanto tu fondo esté oculto.',
  'settings.background.slow': 'Este ordenador es lento para esto, así que tu imagen se ha reducido.',
  'settings.background.failed':
    'Ahora no funciona, así que tu cámara está apagada. Elige «Tal como es» para que se te vea de todos modos.',
  'settings.background.no_picture': 'Este archivo no es una imagen que el navegador pueda abrir.',
  'settings.background.unable': 'Este navegador no puede ocultar tu fondo: le falta WebGL 2 o WebAssembly SIMD.',

  'lobby.effects': 'Fondo y ruido',
  'lobby.join.without': 'Entrar sin micrófono ni cámara',
  'lobby.keep_link': 'Guardar la clave de esta reunión en este navegador',
  'lobby.keep_link.hint': 'Así se abre desde la página de inicio sin su enlace, para quien use este navegador.',
  'device.background': 'No se pudo ocultar tu fondo, así que tu cámara está apagada.',
  'device.background.hint': 'Elige otro fondo más abajo, o entra sin la cámara.',

  'check.title': 'Comprobar este navegador y la red',
  'check.encryption.good': 'Este navegador puede cifrar llamadas.',
  'check.devices.good': 'No hay problemas con el micrófono ni la cámara.',
  'check.network.busy': 'Probando la red',
  'check.server.good': 'El servidor respondió en {ms} ms.',
  'check.server.bad': 'El servidor no responde. Revisa tu conexión.',
  'check.signalling.good': 'La conexión que necesita una llamada se puede abrir.',
  'check.signalling.bad':
    'Algo bloquea los WebSockets por el camino, a menudo el proxy de una empresa. Prueba otra red.',
  'check.media.good':
    'El navegador deja que las llamadas usen la red. Donde UDP está bloqueado, la llamada encuentra otro camino.',
  'check.media.bad':
    'El navegador no da red a las llamadas. Quizá un ajuste de privacidad o una extensión VPN ha desactivado WebRTC.',

  'recent.title': 'Reuniones recientes',
  'recent.complete': 'Se abre desde aquí',
  'recent.link_needed': 'Hace falta su enlace',
  'recent.forget': 'Olvidar {name}',

  'problem.mic_lost': 'El micrófono se ha desconectado.',
  'problem.mic_lost.hint': 'Vuelve a conectarlo antes de un minuto, o elige otro en los ajustes.',
  'problem.mic_replaced': 'El micrófono se ha desconectado. Hay otro encendido en su lugar.',
  'problem.mic_replaced.hint': 'Puedes elegirlo en los ajustes.',
  'problem.mic_back': 'El micrófono ha vuelto, y está encendido.',
  'problem.camera_lost': 'La cámara se ha desconectado.',
  'problem.camera_lost.hint': 'Vuelve a conectarla antes de un minuto, o elige otra en los ajustes.',
  'problem.camera_back': 'La cámara ha vuelto, y está encendida.',
  'problem.background_failed': 'No se pudo ocultar tu fondo, así que tu cámara está apagada.',
  'problem.background_failed.hint': 'Inténtalo de nuevo, o elige otro fondo en los ajustes.',
};
