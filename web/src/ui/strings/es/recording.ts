/** Recording on this device. */
import type { recording as en } from '../en/recording.ts';
import type { In } from '../text.ts';

export const recording: In<typeof en> = {
  'recording.title': 'Grabar en este dispositivo',
  'recording.what': 'La imagen y el sonido de la reunión van a un archivo en este dispositivo y a ningún otro sitio.',
  'recording.told': 'Se avisa a todos de que grabas. Pide permiso antes.',
  'recording.view': 'Qué se graba',
  'recording.view.everybody': 'Todos',
  'recording.view.everybody.hint':
    'Todas las personas en una cuadrícula; una pantalla compartida en grande, con personas al lado.',
  'recording.view.view': 'Lo que veo',
  'recording.view.view.hint':
    'La reunión tal como la ves, con quien muestras en grande. El chat y los paneles no salen en la imagen.',
  'recording.start': 'Empezar a grabar',
  'recording.stop': 'Dejar de grabar',
  'recording.now': 'Estás grabando',
  'recording.saving': 'Guardando la grabación',
  'recording.saved': 'La grabación se guardó como {file} ({size}).',
  'recording.failed':
    'No se pudo hacer la grabación. Puede que no quede espacio en el disco o que el archivo no se pueda escribir.',
  'recording.broken':
    'La grabación terminó antes de tiempo: no se pudo seguir escribiendo. Lo anterior está en {file}.',
  'recording.dismiss': 'De acuerdo',
  'recording.unsupported':
    'Este navegador no puede grabar. Usa una versión actual de Chromium, Chrome, Edge, Firefox o Safari.',
  'recording.limit': 'El archivo no está cifrado. Deja esta página abierta hasta que se guarde.',
  'recording.file': 'Archivo de vídeo',
  'recording.others': 'Graban en su dispositivo: {names}',
  'tile.recording': 'Graba la reunión',
};
