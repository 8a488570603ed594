/** Recording on this device. */
import type { recording as en } from '../en/recording.ts';
import type { In } from '../text.ts';

export const recording: In<typeof en> = {
  'recording.title': 'Auf diesem Gerät aufnehmen',
  'recording.what': 'Bild und Ton der Besprechung kommen in eine Datei auf diesem Gerät und nirgendwohin sonst.',
  'recording.told': 'Alle hier erfahren, dass Sie aufnehmen. Fragen Sie vorher.',
  'recording.view': 'Was aufgenommen wird',
  'recording.view.everybody': 'Alle',
  'recording.view.everybody.hint':
    'Alle Personen in einem Raster; ein geteilter Bildschirm groß, mit Personen daneben.',
  'recording.view.view': 'Was ich sehe',
  'recording.view.view.hint':
    'Die Bühne, wie Sie sie sehen, mit denen, die Sie groß zeigen. Chat und Leisten sind nicht im Bild.',
  'recording.start': 'Aufnahme beginnen',
  'recording.stop': 'Aufnahme beenden',
  'recording.now': 'Sie nehmen auf',
  'recording.saving': 'Die Aufnahme wird gespeichert',
  'recording.saved': 'Die Aufnahme wurde als {file} gespeichert ({size}).',
  'recording.failed':
    'Die Aufnahme konnte nicht gemacht werden. Vielleicht ist kein Platz mehr, oder die Datei lässt sich nicht schreiben.',
  'recording.broken':
    'Die Aufnahme endete vorzeitig: Sie konnte nicht weiter geschrieben werden. Was vorher kam, ist in {file}.',
  'recording.dismiss': 'In Ordnung',
  'recording.unsupported':
    'Dieser Browser kann nicht aufnehmen. Aktuelle Versionen von Chromium, Chrome, Edge, Firefox und Safari können es.',
  'recording.limit': 'Die Datei ist nicht verschlüsselt. Lassen Sie diese Seite offen, bis sie gespeichert ist.',
  'recording.file': 'Videodatei',
  'recording.others': 'Nehmen auf ihrem Gerät auf: {names}',
  'tile.recording': 'Nimmt die Besprechung auf',
};
