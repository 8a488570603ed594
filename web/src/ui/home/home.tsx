/** The first page: what this is and the ways into a meeting, or a new one's words to read out. */
import { useState } from 'preact/hooks';
import { text } from '../strings/text.ts';
import { Aloud } from '../words/aloud.tsx';
import { Cave } from './cave.tsx';
import { Start, type StartProps } from './start.tsx';
import './home.css';

export function Home(props: Omit<StartProps, 'onAloud'>) {
  const [aloud, setAloud] = useState<string | null>(null);
  return (
    <main class="home">
      <div class="home-words">
        <p class="home-name">{text('app.name')}</p>
        {aloud ? (
          <Aloud href={aloud} origin={props.origin} go={props.go} onBack={() => setAloud(null)} />
        ) : (
          <Start {...props} onAloud={setAloud} />
        )}
      </div>
      <Cave />
    </main>
  );
}
