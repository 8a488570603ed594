/** The polls of the meeting, the newest first, and a form for a new one. */
import { useState } from 'preact/hooks';
import type { PollsView } from '../../call/polls.ts';
import { SayError } from '../../call/said.ts';
import { Button } from '../controls/button.tsx';
import { Panel } from '../stage/panel.tsx';
import { text } from '../strings/text.ts';
import { PollCard } from './poll_card.tsx';
import type { PollDraft } from './poll_draft.ts';
import { PollForm } from './poll_form.tsx';
import './polls.css';

interface PollsPanelProps {
  polls: PollsView;
  draft: PollDraft;
  onClose: () => void;
}

export function PollsPanel({ polls, draft, onClose }: PollsPanelProps) {
  const all = polls.all.value;
  const [offline, setOffline] = useState(false);
  const said = (say: () => void) => {
    try {
      say();
      setOffline(false);
    } catch (error) {
      if (!(error instanceof SayError)) throw error;
      setOffline(true);
    }
  };
  return (
    <Panel id="polls" title={text('polls.title')} onClose={onClose}>
      {draft.open.value ? (
        <PollForm draft={draft} />
      ) : (
        <Button
          icon="poll"
          onClick={() => {
            draft.open.value = true;
          }}
        >
          {text('polls.new')}
        </Button>
      )}
      {offline && (
        <p class="told told-warn" role="status">
          {text('polls.error.offline')}
        </p>
      )}
      {all.length === 0 && <p class="muted small">{text('polls.empty')}</p>}
      <ul class="polls" aria-label={text('polls.title')}>
        {all.map((poll) => (
          <PollCard
            key={poll.id}
            poll={poll}
            onAnswer={(choices) => said(() => polls.answer(poll.id, choices))}
            onClose={() => said(() => polls.close(poll.id))}
          />
        ))}
      </ul>
      <p class="muted small">{text('polls.public')}</p>
    </Panel>
  );
}
