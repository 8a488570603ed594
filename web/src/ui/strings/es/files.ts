/** Files in the chat. */
import type { files as en } from '../en/files.ts';
import type { In } from '../text.ts';

export const files: In<typeof en> = {
  'files.share': 'Compartir un archivo',
  'files.error.empty': 'Este archivo está vacío.',
  'files.error.long': 'Un archivo puede tener como mucho {size}.',
  'files.error.many': 'Demasiados archivos a la vez. Espera a que acabe uno, o detén alguno.',
  'files.error.offline': 'Conexión perdida. Comparte el archivo cuando vuelva.',
  'files.error.gone': '{name} ya no está. Elige con quién compartir.',
  'files.error.failed': 'No se pudo leer el archivo. Inténtalo de nuevo.',
  'files.take': 'Descargar',
  'files.take.label': 'Descargar {name}',
  'files.stop': 'Detener',
  'files.withdraw': 'Retirar',
  'files.save': 'Guardar',
  'files.save.label': 'Guardar {name}',
  'files.again': 'Reintentar',
  'files.progress': 'Recibido de {name}',
  'files.state.receiving': 'Recibiendo, {percent}',
  'files.state.ready': 'Recibido entero. Ábrelo solo si confías en quien lo envió.',
  'files.state.broken': 'Lo que llegó no es lo que se ofrecía, y se descartó.',
  'files.state.stalled': 'El archivo no llega.',
  'files.state.gone': 'Este archivo ya no se ofrece.',
  'files.state.shared': 'Se queda en tu dispositivo hasta que alguien lo descargue.',
  'files.state.sending': 'Enviando',
  'files.taken.one': 'Una persona lo tiene',
  'files.taken.other': '{count} personas lo tienen',
};
