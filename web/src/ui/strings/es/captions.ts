/** Captions. */
import type { captions as en } from '../en/captions.ts';
import type { In } from '../text.ts';

export const captions: In<typeof en> = {
  'captions.title': 'Subtítulos',
  'captions.show': 'Mostrar subtítulos',
  'captions.show.hint': 'Muestra lo que dicen los demás, si su navegador lo escribe por ellos.',
  'captions.give': 'Escribir lo que digo',
  'captions.give.hint':
    'Tu navegador reconoce tu voz en este dispositivo, y las palabras van selladas a todos. Tu voz no se envía a nadie para eso. No se escribe nada mientras tu micrófono está apagado.',
  'captions.unavailable':
    'Este navegador no reconoce la voz en el dispositivo en tu idioma, y Grotto no le deja enviar tu voz fuera para eso.',
};
