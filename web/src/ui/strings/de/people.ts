/** Who is here, and what can be done about somebody; hands and reactions. */
import type { people as en } from '../en/people.ts';
import type { In } from '../text.ts';

export const people: In<typeof en> = {
  'people.title': 'Personen',
  'people.count.one': 'Eine Person',
  'people.count.other': '{count} Personen',
  'people.list': 'Personen in der Besprechung',
  'people.hand': 'Hand gehoben',
  'people.hand.place': 'Hand gehoben, Nummer {place}',
  'people.mic_on': 'Mikrofon an',
  'people.camera_on': 'Kamera an',
  'people.actions': 'Aktionen für {name}',
  'people.actions.none': 'Der Server nennt diese Person, aber sie hat keine Schlüssel zu dieser Besprechung.',

  'people.pin': 'Groß zeigen',
  'people.pin.text': 'Die anderen stehen daneben. Nur bei Ihnen: Niemand erfährt es.',
  'people.unpin': 'Zwischen den anderen zeigen',
  'people.unpin.text': 'Alle Bilder sind wieder gleich groß.',
  'people.options': 'Lautstärke und Verbindung',
  'people.options.text': 'Wie laut die Person hier ist und wie gut Ton und Bild von ihr ankommen.',
  'people.verify': 'Mit Emoji prüfen',
  'people.verify.text': 'Beide vergleichen sieben Emoji. Zeigt, dass niemand dazwischen ist.',
  'people.qr': 'Mit QR-Code prüfen',
  'people.qr.text': 'Eine Person scannt den Code vom Bildschirm der anderen. Für zwei am selben Ort.',
  'people.block': 'Blockieren',
  'people.block.text': 'Sie senden dorthin nichts und hören von dort nichts. Die anderen schon.',
  'people.block.title': '{name} blockieren?',
  'people.block.does':
    'Die Person kann nichts mehr von Ihnen öffnen, und hier wird nichts von ihr gezeigt. Für die anderen bleibt alles, wie es ist, und niemand erfährt es.',
  'people.block.kept':
    'Dieser Browser merkt es sich. Nehmen Sie es unter „Dieses Gerät“ zurück; das gilt ab der nächsten Besprechung.',
  'people.block.guest': 'Da dieser Browser sich nicht an Sie erinnert, gilt es nur für diese Besprechung.',
  'people.block.confirm': '{name} blockieren',
  'people.remove': 'Entfernen',
  'people.remove.text': 'Aus der Besprechung, für alle. Mit dem Link ist eine Rückkehr möglich.',
  'people.remove.title': '{name} entfernen?',
  'people.remove.does':
    'Alle anderen erzeugen neue Schlüssel, die diese Person nicht bekommt: Von da an sieht und hört sie nichts mehr. Den Link hat sie noch und kann mit ihm wieder teilnehmen.',
  'people.remove.confirm': '{name} entfernen',
  'people.change': 'Entfernen und Link ändern',
  'people.change.text': 'Wie oben, und der bisherige Link öffnet nichts mehr.',
  'people.change.title': '{name} entfernen und den Link ändern?',
  'people.change.does':
    'Die Person wird herausgenommen, und alle anderen hier bekommen ein neues Geheimnis. Der bisherige Link öffnet dann nichts mehr, auch nicht für Eingeladene, die noch nicht da sind: Schicken Sie ihnen den neuen. Was schon gesehen und gehört wurde, bleibt gesehen und gehört.',
  'people.change.confirm': '{name} entfernen und den Link ändern',
  'people.cancel': 'Abbrechen',

  'hand.raise': 'Hand heben',
  'hand.raised': '{name} hebt die Hand',
  'reactions.button': 'Reaktionen',
  'reactions.told': '{name}: {reaction}',
  'reaction.thumbs_up': 'Daumen hoch',
  'reaction.clap': 'Klatschende Hände',
  'reaction.heart': 'Rotes Herz',
  'reaction.joy': 'Freudentränen',
  'reaction.surprise': 'Überraschung',
  'reaction.party': 'Konfettibombe',
};
