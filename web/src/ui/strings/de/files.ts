/** Files in the chat. */
import type { files as en } from '../en/files.ts';
import type { In } from '../text.ts';

export const files: In<typeof en> = {
  'files.share': 'Datei teilen',
  'files.error.empty': 'Diese Datei ist leer.',
  'files.error.long': 'Dateien dürfen höchstens {size} groß sein.',
  'files.error.many': 'Mehr Dateien auf einmal gehen nicht. Warten Sie auf eine, oder brechen Sie eine ab.',
  'files.error.offline': 'Verbindung verloren. Teilen Sie die Datei, sobald sie wieder da ist.',
  'files.error.gone': '{name} ist nicht mehr hier. Wählen Sie, mit wem Sie teilen.',
  'files.error.failed': 'Die Datei ließ sich nicht lesen. Versuchen Sie es noch einmal.',
  'files.take': 'Herunterladen',
  'files.take.label': '{name} herunterladen',
  'files.stop': 'Abbrechen',
  'files.withdraw': 'Zurückziehen',
  'files.save': 'Speichern',
  'files.save.label': '{name} speichern',
  'files.again': 'Noch einmal versuchen',
  'files.progress': 'Empfangen von {name}',
  'files.state.receiving': 'Wird empfangen, {percent}',
  'files.state.ready': 'Vollständig empfangen. Öffnen Sie sie nur, wenn Sie der Person trauen, von der sie kommt.',
  'files.state.broken': 'Was kam, ist nicht das, was angeboten war. Es wurde verworfen.',
  'files.state.stalled': 'Die Datei kommt nicht an.',
  'files.state.gone': 'Wird nicht mehr angeboten.',
  'files.state.shared': 'Sie bleibt auf Ihrem Gerät, bis jemand sie herunterlädt.',
  'files.state.sending': 'Wird gesendet',
  'files.taken.one': 'Eine Person hat sie',
  'files.taken.other': '{count} Personen haben sie',
};
