/** Polls. */
import type { polls as en } from '../en/polls.ts';
import type { In } from '../text.ts';

export const polls: In<typeof en> = {
  'polls.title': 'Umfragen',
  'polls.empty': 'Noch hat niemand etwas gefragt.',
  'polls.public':
    'Alle hier sehen, wer was geantwortet hat. Eine Antwort zählt, solange das Gerät, von dem sie kam, in der Besprechung ist.',
  'polls.new': 'Neue Umfrage',
  'polls.question': 'Frage',
  'polls.option': 'Antwort {number}',
  'polls.option.add': 'Antwort hinzufügen',
  'polls.many': 'Mehrere Antworten sind möglich',
  'polls.ask': 'Alle fragen',
  'polls.cancel': 'Abbrechen',
  'polls.error.incomplete': 'Eine Umfrage hat eine Frage und mindestens zwei Antworten.',
  'polls.error.same': 'Zwei der Antworten sind gleich.',
  'polls.error.many': 'Sie haben schon so viele Umfragen, wie eine Besprechung zulässt.',
  'polls.error.offline': 'Verbindung verloren. Versuchen Sie es noch einmal, sobald sie wieder da ist.',
  'polls.error.failed': 'Die Umfrage ließ sich nicht senden. Versuchen Sie es noch einmal.',
  'polls.by': '{name} fragt',
  'polls.by.self': 'Sie fragen',
  'polls.votes.one': 'Eine Stimme',
  'polls.votes.other': '{count} Stimmen',
  'polls.voters.one': 'Eine Person hat geantwortet',
  'polls.voters.other': '{count} Personen haben geantwortet',
  'polls.who': 'Wer was geantwortet hat',
  'polls.nobody': 'Niemand',
  'polls.back': 'Meine Antwort zurücknehmen',
  'polls.close': 'Umfrage beenden',
  'polls.closed': 'Beendet.',
  'polls.asked': '{name} fragt: {question}',
  'polls.asked.show': 'Antworten',
};
