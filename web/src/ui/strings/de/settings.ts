/** One’s devices and how they are used, in the lobby and beside a call; the check before a call; meetings kept here. */
import type { settings as en } from '../en/settings.ts';
import type { In } from '../text.ts';

export const settings: In<typeof en> = {
  'settings.title': 'Einstellungen',
  'settings.sound': 'Ton',
  'settings.picture': 'Bild',
  'settings.mic.off': 'Ihr Mikrofon ist aus.',
  'settings.speaker': 'Lautsprecher',
  'settings.device.any': 'Was das System wählt',
  'settings.speaker.ask': 'Lautsprecher auswählen',
  'settings.sound.test': 'Ton testen',
  'settings.sound.playing': 'Ton wird abgespielt',
  'settings.resolution': 'Größe Ihres Bildes',
  'settings.resolution.180': 'Klein (180p), für eine langsame Leitung',
  'settings.resolution.360': 'Mittel (360p)',
  'settings.resolution.720': 'Groß (720p)',
  'settings.resolution.1080': 'Sehr groß (1080p)',
  'settings.noise': 'Störgeräusche aus Ihrer Stimme entfernen',
  'settings.noise.hint': 'Geschieht auf diesem Gerät, bevor etwas gesendet wird. Musik leidet darunter.',
  'settings.noise.loading': 'Wird vorbereitet',
  'settings.noise.failed': 'Es ließ sich nicht starten, deshalb klingen Sie wie zuvor.',
  'settings.background': 'Hintergrund',
  'settings.background.none': 'Wie er ist',
  'settings.background.blur': 'Unscharf',
  'settings.background.image': 'Ihr eigenes Bild',
  'settings.background.choose': 'Ein Bild verwenden',
  'settings.background.forget': 'Mein Bild vergessen',
  'settings.background.kept': 'Ihr Bild bleibt in diesem Browser und sonst nirgends.',
  'settings.background.hint':
    'Entsteht auf diesem Gerät: Der Raum hinter Ihnen verlässt es nur, wenn Sie ihn zeigen, wie er ist.',
  'settings.background.loading': 'Wird vorbereitet. Man sieht Sie, sobald Ihr Hintergrund verborgen ist.',
  'settings.background.slow': 'Dieser Rechner ist dafür langsam, deshalb wurde Ihr Bild verkleinert.',
  'settings.background.failed':
    'Es geht gerade nicht, deshalb ist Ihre Kamera aus. Wählen Sie „Wie er ist“, um trotzdem gesehen zu werden.',
  'settings.background.no_picture': 'Diese Datei ist kein Bild, das der Browser öffnen kann.',
  'settings.background.unable':
    'Dieser Browser kann Ihren Hintergrund nicht verbergen: Ihm fehlt WebGL 2 oder WebAssembly SIMD.',

  'lobby.effects': 'Hintergrund und Geräusche',
  'lobby.join.without': 'Ohne Mikrofon und Kamera teilnehmen',
  'lobby.keep_link': 'Den Schlüssel dieser Besprechung in diesem Browser aufbewahren',
  'lobby.keep_link.hint':
    'Dann öffnet sie sich von der Startseite aus ohne ihren Link, für alle, die diesen Browser benutzen.',
  'device.background': 'Ihr Hintergrund ließ sich nicht verbergen, deshalb ist Ihre Kamera aus.',
  'device.background.hint': 'Wählen Sie unten einen anderen Hintergrund, oder nehmen Sie ohne Kamera teil.',

  'check.title': 'Browser und Netz prüfen',
  'check.encryption.good': 'Dieser Browser kann Gespräche verschlüsseln.',
  'check.devices.good': 'Mit Mikrofon und Kamera ist alles in Ordnung.',
  'check.network.busy': 'Das Netz wird geprüft',
  'check.server.good': 'Der Server hat in {ms} ms geantwortet.',
  'check.server.bad': 'Der Server antwortet nicht. Prüfen Sie Ihre Verbindung.',
  'check.signalling.good': 'Die Verbindung, über die ein Gespräch zustande kommt, lässt sich öffnen.',
  'check.signalling.bad':
    'Etwas sperrt unterwegs WebSockets, oft der Proxy einer Firma. Versuchen Sie es in einem anderen Netz.',
  'check.media.good':
    'Der Browser lässt Gespräche ins Netz. Wo UDP gesperrt ist, findet das Gespräch einen anderen Weg.',
  'check.media.bad':
    'Der Browser lässt Gespräche nicht ins Netz. Vielleicht hat eine Einstellung oder eine VPN-Erweiterung WebRTC abgeschaltet.',

  'recent.title': 'Letzte Besprechungen',
  'recent.complete': 'Öffnet sich von hier',
  'recent.link_needed': 'Der Link wird gebraucht',
  'recent.forget': '{name} vergessen',

  'problem.mic_lost': 'Das Mikrofon ist nicht mehr da.',
  'problem.mic_lost.hint':
    'Schließen Sie es innerhalb einer Minute wieder an, oder wählen Sie in den Einstellungen ein anderes.',
  'problem.mic_replaced': 'Das Mikrofon ist nicht mehr da. An seiner Stelle ist ein anderes eingeschaltet.',
  'problem.mic_replaced.hint': 'Auswählen können Sie es in den Einstellungen.',
  'problem.mic_back': 'Das Mikrofon ist wieder da und eingeschaltet.',
  'problem.camera_lost': 'Die Kamera ist nicht mehr da.',
  'problem.camera_lost.hint':
    'Schließen Sie sie innerhalb einer Minute wieder an, oder wählen Sie in den Einstellungen eine andere.',
  'problem.camera_back': 'Die Kamera ist wieder da und eingeschaltet.',
  'problem.background_failed': 'Ihr Hintergrund ließ sich nicht verbergen, deshalb ist Ihre Kamera aus.',
  'problem.background_failed.hint':
    'Versuchen Sie es noch einmal, oder wählen Sie in den Einstellungen einen anderen Hintergrund.',
};
