/** The first page: a new meeting, a link, eight words. */
import type { home as en } from '../en/home.ts';
import type { In } from '../text.ts';

export const home: In<typeof en> = {
  'app.name': 'Grotto',
  'language.label': 'Sprache',
  'app.starting': 'Besprechung wird geöffnet',

  'home.title': 'Besprechungen, die nur sehen und hören kann, wer dabei ist',
  'home.what':
    'Grotto ist für Videogespräche im Browser, Ende-zu-Ende-verschlüsselt: Der Server, der sie überträgt, hat keinen Schlüssel.',
  'home.new': 'Neue Besprechung',
  'home.new.busy': 'Besprechung wird angelegt',
  'home.new.failed':
    'Die Besprechung ließ sich nicht anlegen. Laden Sie die Seite neu und versuchen Sie es noch einmal.',
  'home.or': 'oder an einer teilnehmen',
  'home.words': 'Mit Wörtern zum Vorlesen',
  'home.words.hint': 'Für Personen, mit denen Sie telefonieren: Das Geheimnis des Links sind acht Wörter.',
  'home.install': 'Als App installieren',
  'home.promise': 'Ohne Konto und ohne Installation. Wer den Link hat, kann teilnehmen.',

  'words.title': 'Lesen Sie das vor',
  'words.text': 'Wer teilnehmen soll, öffnet {origin} und gibt den Namen der Besprechung und die acht Wörter ein.',
  'words.room': 'Name der Besprechung',
  'words.list': 'Die acht Wörter',
  'words.secret': 'Sagen Sie sie nur denen, die teilnehmen sollen: Die Wörter sind der Schlüssel.',
  'words.open': 'Besprechung öffnen',
  'words.copy': 'Link kopieren',
  'words.copied': 'Link kopiert',
  'words.back': 'Zurück',
  'words.hint': 'Großschreibung, Kommas und Bindestriche spielen keine Rolle.',
  'words.submit': 'Mit Wörtern öffnen',
  'words.enter': 'Mir wurden acht Wörter genannt',
  'words.link': 'Ich habe einen Link',
  'words.or': 'oder geben Sie die acht Wörter ein',
  'words.error.count': 'Das Geheimnis besteht aus acht Wörtern; eingegeben sind {count}.',
  'words.error.unknown': 'Kein Wort der Liste: „{word}“.',
  'words.error.no_room': 'Geben Sie den Namen der Besprechung ein, wie er Ihnen gesagt wurde.',
  'words.error.load': 'Die Wortliste ließ sich nicht laden. Versuchen Sie es noch einmal.',
  'words.suggest': 'Meinten Sie „{word}“?',
  'words.suggest.take': '„{word}“ verwenden',

  'link.label': 'Link der Besprechung',
  'link.hint': 'Fügen Sie den ganzen Link ein, bis zum Ende.',
  'link.placeholder': '{origin}/r/…#…',
  'link.open': 'Öffnen',
  'link.error.empty': 'Fügen Sie zuerst den Link einer Besprechung ein.',
  'link.error.not_a_link': 'Das ist kein Link einer Besprechung. Er sieht so aus: {origin}/r/name#geheimnis.',
  'link.error.other_host': 'Dieser Link gehört zu {host}. Öffnen Sie ihn in der Adresszeile.',
  'link.error.no_room': 'Dieser Link führt zu keiner Besprechung. Bitten Sie um den vollständigen Link.',
  'link.error.no_secret':
    'Der Teil nach dem #-Zeichen fehlt. Ohne ihn lässt sich nichts entschlüsseln. Bitten Sie um den vollständigen Link.',
  'link.error.bad_secret':
    'Der Teil nach dem #-Zeichen ist nicht vollständig. Kopieren Sie den ganzen Link noch einmal.',
};
