/** What went wrong, by the code of the problem: what happened, and as `.hint` what to do. */
import type { problem as en } from '../en/problem.ts';
import type { In } from '../text.ts';

export const problem: In<typeof en> = {
  'problem.insecure_context':
    'Diese Seite wurde über unverschlüsseltes HTTP geöffnet, deshalb gibt ihr der Browser keine Kamera.',
  'problem.insecure_context.hint': 'Öffnen Sie sie über HTTPS oder auf localhost.',
  'problem.no_transform': 'Dieser Browser kann Gespräche nicht verschlüsseln, deshalb können Sie nicht teilnehmen.',
  'problem.no_transform.hint': 'Verwenden Sie eine aktuelle Version von Chromium, Chrome, Edge, Firefox oder Safari.',
  'problem.no_webrtc': 'Dieser Browser kennt keine Videogespräche (WebRTC), deshalb können Sie nicht teilnehmen.',
  'problem.no_webrtc.hint': 'Verwenden Sie eine aktuelle Version von Chromium, Chrome, Edge, Firefox oder Safari.',
  'problem.no_secret': 'Dieser Link ist nicht vollständig: Der Teil nach dem #-Zeichen fehlt.',
  'problem.no_secret.hint':
    'Dieser Teil ist der Schlüssel zur Besprechung. Er erreicht den Server nie, deshalb kann ihn hier niemand ergänzen. Fügen Sie den vollständigen Link ein.',
  'problem.bad_secret': 'Der Teil des Links nach dem #-Zeichen ist kein Geheimnis einer Besprechung.',
  'problem.bad_secret.hint': 'Kopieren Sie den ganzen Link noch einmal und fügen Sie ihn hier ein.',
  'problem.no_room': 'Dieser Link führt zu keiner Besprechung.',
  'problem.no_room.hint': 'Bitten Sie um den vollständigen Link, oder legen Sie eine neue Besprechung an.',
  'problem.bad_token': 'Der Server nimmt das Token nicht an, mit dem dieser Link oder diese Seite kam.',
  'problem.bad_token.hint': 'Bitten Sie die Person, von der Sie den Link haben, um einen neuen.',
  'problem.unknown_room': 'Auf diesem Server gibt es diese Besprechung nicht.',
  'problem.unknown_room.hint': 'Prüfen Sie den Link, oder fragen Sie die Person, von der Sie ihn haben.',
  'problem.token_needed': 'Diese Besprechung ist für Eingeladene und für Angemeldete.',
  'problem.token_needed.hint': 'Bitten Sie die Person, die dazu einlädt, um einen eigenen Link.',
  'problem.token_expired': 'Ihre Zeit in dieser Besprechung ist um: Das Token Ihres Links ist abgelaufen.',
  'problem.token_expired.hint': 'Bitten Sie die Person, von der Sie den Link haben, um einen neuen.',
  'problem.server_stops':
    'Dieser Server wird in einiger Zeit neu gestartet. Die Besprechung geht bis dahin weiter und danach von selbst.',
  'problem.server_stops.hint': 'Sie brauchen nichts zu tun.',
  'problem.engine_failed': 'Die Verschlüsselung ließ sich nicht starten, deshalb wurde nichts gesendet.',
  'problem.engine_failed.hint':
    'Laden Sie die Seite neu. Wenn das nicht hilft, erlauben Sie ihr WebAssembly: Manche Schutzmodi schalten es ab.',
  'problem.worker_failed': 'Die Verschlüsselung in diesem Tab ist ausgefallen, deshalb wird nichts mehr gesendet.',
  'problem.worker_failed.hint': 'Laden Sie die Seite neu, um in die Besprechung zurückzukommen.',
  'problem.mic_denied': 'Der Browser darf dieser Seite das Mikrofon nicht geben.',
  'problem.mic_denied.hint': 'Erlauben Sie es in der Adresszeile, dann schalten Sie es wieder ein.',
  'problem.mic_missing': 'Es wurde kein Mikrofon gefunden.',
  'problem.mic_missing.hint': 'Schließen Sie eines an, dann schalten Sie es wieder ein.',
  'problem.mic_busy': 'Das Mikrofon ließ sich nicht öffnen.',
  'problem.mic_busy.hint':
    'Vielleicht verwendet es ein anderes Programm. Schließen Sie es, dann schalten Sie es wieder ein.',
  'problem.camera_denied': 'Der Browser darf dieser Seite die Kamera nicht geben.',
  'problem.camera_denied.hint': 'Erlauben Sie es in der Adresszeile, dann schalten Sie sie wieder ein.',
  'problem.camera_missing': 'Es wurde keine Kamera gefunden.',
  'problem.camera_missing.hint': 'Schließen Sie eine an, dann schalten Sie sie wieder ein.',
  'problem.camera_busy': 'Die Kamera ließ sich nicht öffnen.',
  'problem.camera_busy.hint':
    'Vielleicht verwendet sie ein anderes Programm. Schließen Sie es, dann schalten Sie sie wieder ein.',
  'problem.unreachable': 'Der Server ist nicht zu erreichen.',
  'problem.unreachable.hint': 'Prüfen Sie Ihre Verbindung, dann versuchen Sie es noch einmal.',
  'problem.media_failed': 'Die Verbindung für Ton und Bild kam nicht zustande.',
  'problem.media_failed.hint': 'Vielleicht sperrt eine Firewall UDP. Versuchen Sie es in einem anderen Netz.',
  'problem.share_denied': 'Der Bildschirm wurde nicht geteilt.',
  'problem.share_denied.hint': 'Der Browser oder das System hat es nicht erlaubt.',
  'problem.unknown': 'Etwas ist schiefgegangen.',
  'problem.unknown.hint': 'Laden Sie die Seite neu und nehmen Sie noch einmal teil.',
};
