/** The eight words one was told, and the meeting's name where the page does not know it. A mistyped word is found and mended in place. */
import { useState } from 'preact/hooks';
import type { WordsRead } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { Field } from '../controls/field.tsx';
import { text } from '../strings/text.ts';
import { meetingName, replaceWord, type ToldMeeting } from './told.ts';
import './words.css';

interface WordsFormProps {
  /** Null where it is to be asked for. */
  name: string | null;
  /** What was typed elsewhere already. */
  told?: ToldMeeting;
  /** Opens the meeting if the words can be ones; says what is wrong with them else. Rejects if that cannot be told. */
  onOpen: (name: string, words: string) => Promise<WordsRead>;
}

type Fault = Exclude<WordsRead, { ok: true }> | { fault: 'no_room' } | { fault: 'load' };

export function WordsForm({ name: given, told, onOpen }: WordsFormProps) {
  const [name, setName] = useState(given ?? told?.name ?? '');
  const [words, setWords] = useState(told?.words ?? '');
  const [fault, setFault] = useState<Fault | null>(null);
  const [busy, setBusy] = useState(false);

  async function open(event: Event) {
    event.preventDefault();
    const room = meetingName(name);
    if (room === '') return setFault({ fault: 'no_room' });
    setBusy(true);
    try {
      const read = await onOpen(room, words);
      setFault(read.ok ? null : read);
    } catch {
      setFault({ fault: 'load' });
    } finally {
      setBusy(false);
    }
  }

  const nearest = fault?.fault === 'unknown' ? fault.nearest : '';
  return (
    <form class="words-form" onSubmit={open} noValidate>
      {given === null && (
        <Field
          label={text('words.room')}
          value={name}
          error={fault?.fault === 'no_room' ? text('words.error.no_room') : null}
          autoComplete="off"
          onInput={(value) => {
            setName(value);
            setFault(null);
          }}
        />
      )}
      <Field
        label={text('words.list')}
        value={words}
        lines={2}
        hint={text('words.hint')}
        error={fault && fault.fault !== 'no_room' ? faultWords(fault) : null}
        autoComplete="off"
        onInput={(value) => {
          setWords(value);
          setFault(null);
        }}
      />
      {fault?.fault === 'unknown' && nearest !== '' && (
        <Button
          onClick={() => {
            setWords(replaceWord(words, fault.position, nearest));
            setFault(null);
          }}
        >
          {text('words.suggest.take', { word: nearest })}
        </Button>
      )}
      <Button type="submit" icon="arrow" busy={busy}>
        {text('words.submit')}
      </Button>
    </form>
  );
}

function faultWords(fault: Exclude<Fault, { fault: 'no_room' }>): string {
  switch (fault.fault) {
    case 'unknown': {
      const unknown = text('words.error.unknown', { word: fault.word });
      return fault.nearest === '' ? unknown : `${unknown} ${text('words.suggest', { word: fault.nearest })}`;
    }
    case 'count':
      return text('words.error.count', { count: fault.count });
    case 'load':
      return text('words.error.load');
  }
}
