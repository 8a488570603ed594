/** The polls of the meeting, the newest first, and a form for a new one. */
import type { PollsView } from '../../call/polls.ts';
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
      {all.length === 0 && <p class="muted small">{text('polls.empty')}</p>}
      <ul class="polls" aria-label={text('polls.title')}>
        {all.map((poll) => (
          <PollCard key={poll.id} poll={poll} onAnswer={(choices) => polls.answer(poll.id, choices)} />
        ))}
      </ul>
      <p class="muted small">{text('polls.public')}</p>
    </Panel>
  );
}
