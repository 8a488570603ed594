/** Who spoke how long. */
import { useEffect, useState } from 'preact/hooks';
import type { Meeting, SpokenView } from '../../call/view.ts';
import { Panel } from '../stage/panel.tsx';
import { text } from '../strings/text.ts';
import { clockTime } from './clock_time.ts';
import './spoken.css';

const LOOK_MS = 1000;

export function SpokenPanel({ meeting, onClose }: { meeting: Meeting; onClose: () => void }) {
  const spoken = useSpoken(meeting);
  const most = Math.max(1, ...spoken.map(({ ms }) => ms));
  return (
    <Panel id="spoken" title={text('spoken.title')} onClose={onClose}>
      <p class="muted small">{text('spoken.hint')}</p>
      <ol class="spoken" aria-label={text('spoken.title')}>
        {spoken.map((one) => (
          <li key={one.key} style={{ '--share': one.ms / most }}>
            <span class={one.speaking ? 'spoken-name spoken-now' : 'spoken-name'}>{nameOf(one)}</span>
            <span class="spoken-time">{clockTime(one.ms)}</span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function nameOf({ name, self, here }: SpokenView): string {
  const known = name || text('tile.participant');
  if (!here) return text('spoken.left', { name: known });
  return self ? text('tile.self', { name: known }) : known;
}

/** Looks again once a second. */
function useSpoken(meeting: Meeting): SpokenView[] {
  const [spoken, set] = useState(() => meeting.stage.spoken());
  useEffect(() => {
    const timer = setInterval(() => set(meeting.stage.spoken()), LOOK_MS);
    return () => clearInterval(timer);
  }, [meeting]);
  return spoken;
}
