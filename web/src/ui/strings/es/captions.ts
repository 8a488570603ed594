/** Captions. */
import type { captions as en } from '../en/captions.ts';
import type { In } from '../text.ts';

export const captions: In<typeof en> = {
  'captions.title': 'Subtítulos',
  'captions.show': 'Mostrar subtítulos',
  'captions.show.hint': 'Muestra lo que dicen los demás, si su navegador lo transcribe.',
  'captions.give': 'Transcribir lo que digo',
  'captions.give.hint':
    'Tu navegador reconoce tu voz en este dispositivo, y el texto se envía sellado a todos. Tu voz no se envía a nadie para ello. No se transcribe nada mientras tu micrófono está apagado.',
  'captions.unavailable':
    'Este navegador no reconoce la voz en el dispositivo en tu idioma, y Grotto no le deja enviar tu voz fuera para eso.',
};
