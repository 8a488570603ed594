/** The ways into a meeting: a new one, one to be told aloud, or one that one was sent or told. */
import { useState } from 'preact/hooks';
import type { WordsRead } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { Notice } from '../controls/notice.tsx';
import { LanguageChoice } from '../language/language_choice.tsx';
import { text } from '../strings/text.ts';
import type { ToldMeeting } from '../words/told.ts';
import { WordsForm } from '../words/words_form.tsx';
import { Install } from './install.tsx';
import { LinkField } from './link_field.tsx';
import { RecentList, type Recents } from './recent_list.tsx';

export interface StartProps {
  origin: string;
  newMeetingURL: (origin: string, options: { words: boolean }) => Promise<string>;
  readWords: (typed: string) => Promise<WordsRead>;
  recent: Recents;
  go: (href: string) => void;
  onAloud: (href: string) => void;
}

export function Start({ origin, newMeetingURL, readWords, recent, go, onAloud }: StartProps) {
  const [making, setMaking] = useState<'link' | 'words' | null>(null);
  const [failed, setFailed] = useState(false);
  const [told, setTold] = useState<ToldMeeting | null>(null);

  async function create(kind: 'link' | 'words') {
    setMaking(kind);
    setFailed(false);
    try {
      const href = await newMeetingURL(origin, { words: kind === 'words' });
      if (kind === 'words') onAloud(href);
      else go(href);
    } catch {
      setFailed(true);
      setMaking(null);
    }
  }

  async function open(name: string, words: string): Promise<WordsRead> {
    const read = await readWords(words);
    if (read.ok) go(`${origin}/r/${name}#${read.fragment}`);
    return read;
  }

  return (
    <>
      <div class="home-lead">
        <h1>{text('home.title')}</h1>
        <p class="muted">{text('home.what')}</p>
      </div>
      <div class="home-new">
        <Button weight="primary" icon="camera" wide busy={making !== null} onClick={() => create('link')}>
          {making === 'link' ? text('home.new.busy') : text('home.new')}
        </Button>
        <Button icon="sound" wide busy={making !== null} describedBy="home-words" onClick={() => create('words')}>
          {making === 'words' ? text('home.new.busy') : text('home.words')}
        </Button>
        <p id="home-words" class="muted small">
          {text('home.words.hint')}
        </p>
        {failed && <Notice tone="danger" message={text('home.new.failed')} />}
      </div>
      <p class="home-or muted small">{text('home.or')}</p>
      {told ? (
        <WordsForm name={null} told={told} onOpen={open} />
      ) : (
        <>
          <LinkField origin={origin} go={go} onWords={setTold} />
          <Button weight="plain" onClick={() => setTold({ name: '', words: '' })}>
            {text('words.enter')}
          </Button>
        </>
      )}
      {told && (
        <Button weight="plain" onClick={() => setTold(null)}>
          {text('words.link')}
        </Button>
      )}
      <RecentList recent={recent} origin={origin} go={go} />
      <p class="muted small">{text('home.promise')}</p>
      <Install />
      <LanguageChoice />
    </>
  );
}
