import type { matrix as english } from '../en/matrix.ts';
import type { In } from '../text.ts';

export const matrix: In<typeof english> = {
  'state.guest': 'Nicht aus Matrix',
  'state.guest.hint':
    'Schlüssel gehen hier über Matrix: Von Ihnen bekommt die Person keine, und von ihr öffnet sich nichts.',
  'encryption.bypassed': 'Schlüssel kamen an Matrix vorbei',
  'encryption.sentence.bypassed':
    'Der Server hat eine Schlüsselnachricht von jemandem hier selbst zugestellt. Sie kommen nur über Matrix, deshalb wurde sie verworfen. Der Server oder das Programm der Person ist nicht, wie es sein soll.',
  'matrix.title': 'Schlüssel über Matrix',
  'matrix.text':
    'Schlüssel reisen als verschlüsselte Matrix-Nachrichten und auf keinem anderen Weg. {client} versiegelt und öffnet sie und entscheidet, welchen Geräten es vertraut.',
  'matrix.limits':
    'Ein Matrix-Programm sagt einem Widget, wer eine Nachricht geschickt hat, nicht von welchem Gerät. Für das Gerät verlassen Sie sich auf {client}.',
  'matrix.guests': 'Auch wer nicht im Matrix-Raum ist, bekommt Schlüssel, über den Grotto-Server.',
  'matrix.people': 'Personen mit ihrer Matrix-Adresse',
  'matrix.checked': '{user}, von dort kamen die Schlüssel',
  'matrix.claimed': '{user}, sagt der Server',
  'matrix.outside': 'Nicht aus Matrix',
  'matrix.lobby': 'Sie treten als {user} bei. {client} bestätigt das dem Server und überbringt die Schlüssel.',
  'matrix.alone': 'Noch ist niemand sonst hier. Die anderen kommen wie Sie aus dem Matrix-Raum.',
  'matrix.starting': 'Warten auf {client}',
  'problem.matrix_no_secret': 'Andere sind im Gespräch, und niemand hat Ihnen das Geheimnis gegeben.',
  'problem.matrix_no_secret.hint':
    'Vielleicht vertraut das Programm der anderen Ihrem Gerät nicht: Verifizieren Sie es und versuchen Sie es noch einmal. Wenn sie ohne Abschied gegangen sind, warten Sie eine Weile.',
  'problem.matrix_failed': 'Das Matrix-Programm hat nicht getan, was zum Beitreten nötig ist.',
  'problem.matrix_failed.hint': 'Erlauben Sie, was es zu diesem Widget fragt, und versuchen Sie es noch einmal.',
  'problem.matrix_power': 'Der Matrix-Raum lässt Sie nicht sagen, dass Sie in seinem Gespräch sind.',
  'problem.matrix_power.hint':
    'Wer den Raum moderiert, setzt das Power-Level für org.matrix.msc3401.call.member auf 0.',
  'problem.matrix_refused': 'Der Server lässt dieses Matrix-Konto nicht ein.',
  'problem.matrix_refused.hint':
    'Nur Mitglieder des Matrix-Raums können beitreten. Fragen Sie, wer den Server betreibt.',
  'problem.matrix_not_here': 'Dieser Server weiß nichts von Matrix.',
  'problem.matrix_not_here.hint': 'Wer ihn betreibt, muss matrix-homeserver setzen.',
  'problem.matrix_unlinked': 'Zu diesem Matrix-Raum gehört keine Besprechung.',
  'problem.matrix_unlinked.hint': 'Bitten Sie den Bot dieses Servers in dem Raum um ein Gespräch.',
  'problem.widget_address': 'Dieses Widget wurde mit einer unvollständigen Adresse hinzugefügt.',
  'problem.widget_address.hint': 'Sie muss Matrix-Raum, Person und Gerät nennen. Fügen Sie es neu hinzu.',
  'problem.widget_origin': 'Der Server erlaubt dieser Seite nicht, seine Besprechungen zu zeigen.',
  'problem.widget_origin.hint': 'Wer den Server betreibt, muss diese Herkunft mit embed-origin nennen.',
};
