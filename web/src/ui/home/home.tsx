/** The first page: what this is, a new meeting, or a link to one. */
import { useState } from 'preact/hooks';
import { Button } from '../controls/button.tsx';
import { Notice } from '../controls/notice.tsx';
import { text } from '../strings/text.ts';
import { Cave } from './cave.tsx';
import { LinkField } from './link_field.tsx';
import './home.css';

interface HomeProps {
  origin: string;
  newMeetingURL: (origin: string) => Promise<string>;
  go: (href: string) => void;
}

export function Home({ origin, newMeetingURL, go }: HomeProps) {
  const [making, setMaking] = useState(false);
  const [failed, setFailed] = useState(false);

  async function create() {
    setMaking(true);
    setFailed(false);
    try {
      go(await newMeetingURL(origin));
    } catch {
      setFailed(true);
      setMaking(false);
    }
  }

  return (
    <main class="home">
      <div class="home-words">
        <p class="home-name">{text('app.name')}</p>
        <div class="home-lead">
          <h1>{text('home.title')}</h1>
          <p class="muted">{text('home.what')}</p>
        </div>
        <div class="home-new">
          <Button weight="primary" icon="camera" wide busy={making} onClick={create}>
            {making ? text('home.new.busy') : text('home.new')}
          </Button>
          {failed && <Notice tone="danger" message={text('home.new.failed')} />}
        </div>
        <p class="home-or muted small">{text('home.or')}</p>
        <LinkField origin={origin} go={go} />
        <p class="muted small">{text('home.promise')}</p>
      </div>
      <Cave />
    </main>
  );
}
