/** The meeting cannot be opened with what the address holds: the whole link, or its eight words, can be given here. */
import type { Meeting, Problem } from '../../call/view.ts';
import { Notice } from '../controls/notice.tsx';
import { LinkField } from '../home/link_field.tsx';
import { problemWords } from '../strings/problem.ts';
import { text } from '../strings/text.ts';
import { WordsForm } from '../words/words_form.tsx';

interface IncompleteProps {
  meeting: Meeting;
  origin: string;
  obstacle: Problem;
  go: (href: string) => void;
  onOpened: () => void;
}

export function Incomplete({ meeting, origin, obstacle, go, onOpened }: IncompleteProps) {
  async function open(_: string, words: string) {
    const read = await meeting.openWithWords(words);
    if (read.ok) onOpened();
    return read;
  }
  return (
    <main class="lobby lobby-narrow">
      <h1>{meeting.slug}</h1>
      <Notice tone="warn" {...problemWords(obstacle)} />
      <LinkField origin={origin} go={go} />
      {obstacle.code !== 'no_room' && (
        <>
          <p class="home-or muted small">{text('words.or')}</p>
          <WordsForm name={meeting.slug} onOpen={open} />
        </>
      )}
    </main>
  );
}
