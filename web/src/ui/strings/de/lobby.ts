/** Before the call: oneself, the devices, joining. */
import type { lobby as en } from '../en/lobby.ts';
import type { In } from '../text.ts';

export const lobby: In<typeof en> = {
  'lobby.self': 'Ihr Bild, wie im Spiegel',
  'lobby.name': 'Ihr Name',
  'lobby.name.hint': 'Die anderen sehen ihn, der Server nicht.',
  'lobby.name.missing': 'Sagen Sie zuerst, wer Sie sind, damit die anderen wissen, wer dazukommt.',
  'lobby.remember': 'In diesem Browser an mich erinnern',
  'lobby.remember.hint':
    'Bewahrt Ihre Schlüssel hier auf, damit Sie beim nächsten Mal wiedererkannt werden. Nicht auf einem Gerät, das auch andere benutzen.',
  'lobby.remember.kept': 'Dieser Browser erinnert sich an Sie aus einer früheren Besprechung.',
  'lobby.remember.unavailable':
    'Dieser Browser bewahrt für die Seite nichts auf, oder ein anderer Tab verwendet Ihre Identität. Sie nehmen als Gast teil.',
  'lobby.sign_in': 'Anmelden, um zu moderieren',
  'lobby.join': 'Teilnehmen',
  'lobby.join.busy': 'Beitritt läuft',
  'lobby.preparing': 'Verschlüsselung wird vorbereitet',
  'lobby.promise': 'Ende-zu-Ende-verschlüsselt. Der Server überträgt das Gespräch und kann es nicht öffnen.',
  'lobby.devices': 'Geräte',
  'lobby.mic.device': 'Mikrofon auswählen',
  'lobby.camera.device': 'Kamera auswählen',
  'lobby.device.numbered': '{kind} {number}',
  'lobby.device.none.mic': 'Kein Mikrofon',
  'lobby.device.none.camera': 'Keine Kamera',
  'lobby.level': 'Mikrofonpegel',
  'lobby.camera.off': 'Ihre Kamera ist aus',
  'lobby.camera.starting': 'Die Kamera wird gestartet. Wenn der Browser fragt, antworten Sie ihm.',
  'lobby.advanced': 'Erweitert',
  'lobby.codec': 'Videoformat',
  'lobby.codec.auto': 'Automatisch wählen',
  'lobby.codec.vp8': 'VP8, geht überall',
  'lobby.codec.vp9': 'VP9, schärfer bei langsamer Leitung',
  'lobby.codec.av1': 'AV1, am schärfsten, braucht einen schnellen Rechner',
  'lobby.codec.h264': 'H.264, schont den Akku, nicht in jedem Browser',

  'device.denied': 'Der Browser darf dieser Seite Kamera oder Mikrofon nicht geben.',
  'device.denied.hint': 'Erlauben Sie es in der Adresszeile, oder nehmen Sie ohne teil.',
  'device.missing.both': 'Es wurde keine Kamera und kein Mikrofon gefunden.',
  'device.missing.camera': 'Es wurde keine Kamera gefunden.',
  'device.missing.mic': 'Es wurde kein Mikrofon gefunden.',
  'device.missing.hint': 'Schließen Sie eines an und schalten Sie es hier ein, oder nehmen Sie ohne teil.',
  'device.busy': 'Kamera oder Mikrofon ließ sich nicht öffnen.',
  'device.busy.hint':
    'Vielleicht verwendet ein anderes Programm das Gerät. Schließen Sie es und schalten Sie das Gerät hier wieder ein.',
};
