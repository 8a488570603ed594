/** The chat at the side: what was written since one joined, and a field to write in. */
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Meeting } from '../../call/view.ts';
import { Panel } from '../stage/panel.tsx';
import { text } from '../strings/text.ts';
import { Compose } from './compose.tsx';
import type { Draft } from './draft.ts';
import { Line } from './line.tsx';
import type { Unread } from './unread.ts';
import './chat.css';

interface ChatPanelProps {
  meeting: Meeting;
  draft: Draft;
  unread: Unread;
  onClose: () => void;
}

export function ChatPanel({ meeting, draft, unread, onClose }: ChatPanelProps) {
  const lines = meeting.chat.value;
  const log = useScrolledDown(lines.length);
  useEffect(() => unread.read(), [unread, lines]);
  return (
    <Panel id="chat" title={text('chat.title')} filled onClose={onClose}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard must be able to */}
      <div ref={log} class="chat-log" role="log" aria-label={text('chat.lines')} tabIndex={0}>
        {lines.length === 0 && <p class="muted small">{text('chat.empty')}</p>}
        <ul>
          {lines.map((line) => (
            <Line key={line.id} line={line} files={meeting.files} />
          ))}
        </ul>
      </div>
      <Compose meeting={meeting} draft={draft} />
    </Panel>
  );
}

/** Stays at the newest line, unless one has scrolled up to read. */
function useScrolledDown(count: number) {
  const log = useRef<HTMLDivElement>(null);
  const followed = useRef(true);
  useLayoutEffect(() => {
    const element = log.current;
    if (!element) return;
    const note = () => {
      followed.current = element.scrollHeight - element.scrollTop - element.clientHeight < element.clientHeight / 4;
    };
    element.addEventListener('scroll', note, { passive: true });
    return () => element.removeEventListener('scroll', note);
  }, []);
  useLayoutEffect(() => {
    if (followed.current && log.current) log.current.scrollTop = log.current.scrollHeight;
  }, [count]);
  return log;
}
