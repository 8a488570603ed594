/** The page: the first one at `/`, a meeting at `/r/<slug>`. */
import { useEffect, useMemo } from 'preact/hooks';
import { newMeetingURL, openMeeting, readWords } from '../call/meeting.ts';
import { recentMeetings } from '../call/recent.ts';
import type { Meeting, VideoCodec } from '../call/view.ts';
import { Home } from './home/home.tsx';
import { directJoin } from './lobby/direct.ts';
import { Room } from './room.tsx';
import './tokens.css';
import './base.css';

const ROOM = /^\/r\/[^/]+\/?$/;
const CODECS: readonly string[] = ['vp8', 'vp9', 'av1', 'h264'] satisfies VideoCodec[];

const go = (href: string) => location.assign(href);
const reload = () => location.reload();
const newMeeting = () => {
  newMeetingURL(location.origin).then(go, () => go('/'));
};

export function App() {
  const meeting = useMemo(() => (ROOM.test(location.pathname) ? openMeeting(location) : null), []);
  const direct = useMemo(() => directJoin(location.search), []);
  useFragment(meeting);
  if (meeting === null)
    return (
      <Home
        origin={location.origin}
        newMeetingURL={newMeetingURL}
        readWords={readWords}
        recent={recentMeetings()}
        go={go}
      />
    );
  return (
    <Room
      meeting={meeting}
      direct={direct}
      origin={location.origin}
      codec={preferredCodec(location.search)}
      go={go}
      reload={reload}
      newMeeting={newMeeting}
    />
  );
}

/** A full link pasted over this room's own address changes the fragment only: the browser does not load the page anew. */
function useFragment(meeting: Meeting | null): void {
  useEffect(() => {
    if (meeting === null) return;
    const onChange = () => {
      const { value } = meeting.phase;
      if (value === 'lobby' || value === 'left' || value === 'failed') reload();
      else history.replaceState(history.state, '', location.pathname + location.search);
    };
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, [meeting]);
}

function preferredCodec(search: string): VideoCodec | null {
  const codec = new URLSearchParams(search).get('codec') ?? '';
  return CODECS.includes(codec) ? (codec as VideoCodec) : null;
}
