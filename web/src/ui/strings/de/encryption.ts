/** What the encryption of the room and of each person is. */
import type { encryption as en } from '../en/encryption.ts';
import type { In } from '../text.ts';

export const encryption: In<typeof en> = {
  'state.new': 'Verschlüsselt, nicht geprüft',
  'state.new.hint': 'Vergleichen Sie Emoji, um sicher zu sein, dass niemand dazwischen ist.',
  'state.known': 'Aus einer früheren Besprechung bekannt',
  'state.known.hint': 'Dieselben Schlüssel wie damals. Nicht geprüft.',
  'state.verified': 'Geprüft',
  'state.verified.hint': 'Sie beide haben die Schlüssel verglichen.',
  'state.changed_key': 'Nicht die Schlüssel, die Sie kennen',
  'state.changed_key.hint':
    'Name oder Adresse gehört zu jemandem, den Sie kennen, aber die Schlüssel sind andere: ein neues Gerät oder jemand anderes. Prüfen Sie, bevor Sie vertrauen.',
  'state.outside_key': 'Schlüssel von dieser Seite gesetzt',
  'state.outside_key.hint':
    'Das Programm um diese Besprechung herum hat den Schlüssel gewählt. Grotto weiß nicht, wer ihn sonst hat.',
  'state.blocked': 'Von Ihnen blockiert',
  'state.blocked.hint': 'Dorthin geht nichts, und von dort wird nichts gezeigt.',
  'state.waiting_for_key': 'Wartet auf den Schlüssel',
  'state.waiting_for_key.hint': 'Der Schlüssel ist unterwegs.',
  'state.cannot_decrypt': 'Nicht zu entschlüsseln',
  'state.cannot_decrypt.hint':
    'Der Schlüssel wurde noch einmal angefordert. Bleibt es so, sollte jemand von Ihnen beiden die Besprechung verlassen und wiederkommen.',
  'state.wrong_secret': 'Mit einem anderen Link gekommen',
  'state.wrong_secret.hint':
    'Von dort lässt sich nichts öffnen, und dorthin geht nichts von Ihnen. Schicken Sie den richtigen Link.',
  'state.refused': 'Schlüssel nicht angenommen',
  'state.refused.hint':
    'Was angekündigt wurde, ist nicht gültig: Dorthin wird nichts gesendet und von dort nichts abgespielt. Ein neuer Beitritt kann helfen.',
  'state.no_transform': 'Ihr Ton und Bild werden nicht gesendet',
  'state.no_transform.hint': 'Die Verschlüsselung konnte nicht beginnen: Diesem Browser fehlt, was es dazu braucht.',
  'state.engine_failed': 'Ihr Ton und Bild werden nicht gesendet',
  'state.engine_failed.hint':
    'Die Verschlüsselung funktioniert in diesem Tab nicht. Laden Sie die Seite neu, um es noch einmal zu versuchen.',
  'state.self': 'Sie',

  'encryption.label': 'Verschlüsselung',
  'encryption.ok': 'Ende-zu-Ende-verschlüsselt',
  'encryption.attention.one': 'Verschlüsselt, eine Person zu prüfen',
  'encryption.attention.other': 'Verschlüsselt, {count} Personen zu prüfen',
  'encryption.roster_differs': 'Manche sehen eine andere Liste der Teilnehmenden',
  'encryption.silent': 'Manche bestätigen nicht, wer hier ist',
  'encryption.changed_key': 'Jemand hat andere Schlüssel als früher',
  'encryption.outside_key': 'Mit einem von dieser Seite gesetzten Schlüssel verschlüsselt',
  'encryption.wrong_secret_all': 'Niemand hier hat Ihr Geheimnis',
  'encryption.broken': 'Ihr Ton und Bild werden nicht gesendet',
  'encryption.title': 'Verschlüsselung',
  'encryption.sentence.ok':
    'Alles, was Sie senden, wird in diesem Browser versiegelt, und nur die Personen, die Sie hier sehen, haben die Schlüssel.',
  'encryption.sentence.attention':
    'Was Sie senden, ist versiegelt, aber nicht von allen hier lässt sich etwas entschlüsseln. Warum, steht auf ihrer Kachel.',
  'encryption.sentence.roster_differs':
    'Jemandem hier werden andere Personen genannt als Ihnen. Vielleicht verbirgt der Server jemanden. Sagen Sie laut, wer hier ist, und vergleichen Sie den Code der Besprechung.',
  'encryption.sentence.silent':
    'Jemand hier hat seit einer halben Minute nicht gesagt, wer zu sehen ist. Vielleicht ist die Verbindung weg, oder der Server hält es zurück.',
  'encryption.sentence.broken':
    'Die Verschlüsselung funktioniert in diesem Tab nicht, deshalb verlässt ihn nichts von Ihnen. Laden Sie die Seite neu, um es noch einmal zu versuchen.',
  'encryption.sentence.changed_key':
    'Jemand hier trägt Namen oder Adresse einer Person, die Sie kennen, mit anderen Schlüsseln. Es kann ein neues Gerät sein oder jemand anderes. Prüfen Sie das, bevor Sie glauben, was gesagt wird.',
  'encryption.sentence.outside_key':
    'Was Sie senden, ist mit einem Schlüssel versiegelt, den das Programm um diese Besprechung herum gesetzt hat. Er ist so geheim, wie das Programm ihn hält; zu prüfen ist niemand.',
  'encryption.sentence.wrong_secret_all':
    'Niemand hier hat dasselbe Geheimnis. Prüfen Sie die Wörter, oder bitten Sie noch einmal um den Link. Von Ihnen geht nichts an die anderen, und von ihnen lässt sich nichts öffnen.',
  'encryption.link': 'Der Link wurde geändert',
  'encryption.link.us': 'Sie haben den Link dieser Besprechung geändert. Der vorige öffnet nichts mehr.',
  'encryption.link.them': '{name} hat den Link dieser Besprechung geändert. Der vorige öffnet nichts mehr.',
  'encryption.link.copy': 'Neuen Link kopieren',
  'encryption.verify': 'Personen prüfen',
  'encryption.protects': 'Was Sie schützt',
  'encryption.protects.text':
    'Ton, Bild, Bildschirme, Namen und Chat werden hier mit Schlüsseln versiegelt, die für dieses Gespräch erzeugt wurden. Der Server gibt sie ungeöffnet weiter, und wenn jemand geht, werden neue Schlüssel erzeugt.',
  'encryption.not': 'Was es nicht leistet',
  'encryption.not.text':
    'Der Server sieht trotzdem, wer wann von wo verbunden ist und wie viel überträgt. Wer den Link hat, kann teilnehmen. Und auch diese Seite kam vom Server.',
  'encryption.people': 'Wen Sie prüfen sollten',
  'encryption.code': 'Code der Besprechung',
  'encryption.code.text':
    'Lesen Sie ihn einander vor. Wer dieselben Ziffern hat, sieht dieselben Personen mit denselben Schlüsseln. Er ändert sich, wenn jemand kommt oder geht.',
  'encryption.code.show': 'Code zeigen',
  'encryption.code.busy': 'Code wird berechnet',
  'encryption.code.failed':
    'Der Code ließ sich nicht berechnen. Versuchen Sie es noch einmal, sobald Sie verbunden sind.',
};
