/** One poll: answer it, and see how the others did. */
import { useId } from 'preact/hooks';
import type { OptionView, PollView } from '../../call/polls.ts';
import { Button } from '../controls/button.tsx';
import { Icon } from '../icons.tsx';
import { text, textCount, textList } from '../strings/text.ts';

interface PollCardProps {
  poll: PollView;
  onAnswer: (choices: number[]) => void;
  onClose: () => void;
}

export function PollCard({ poll, onAnswer, onClose }: PollCardProps) {
  const mine = poll.options.flatMap((option, place) => (option.mine ? [place] : []));
  const choose = (place: number, on: boolean) => {
    if (!poll.many) return onAnswer([place]);
    onAnswer(on ? [...mine, place] : mine.filter((other) => other !== place));
  };
  return (
    <li class="poll">
      <p class="muted small">{poll.self ? text('polls.by.self') : text('polls.by', { name: poll.name })}</p>
      <fieldset disabled={poll.closed}>
        <legend>{poll.question}</legend>
        {poll.options.map((option, place) => (
          <PollOption key={option.text} poll={poll} option={option} onChange={(on) => choose(place, on)} />
        ))}
      </fieldset>
      <p class="muted small" aria-live="polite">
        {poll.closed && `${text('polls.closed')} `}
        {textCount('polls.voters', poll.voters)}
      </p>
      {poll.options.some(({ names }) => names.length > 0) && <Who options={poll.options} />}
      {poll.answered && !poll.many && !poll.closed && (
        <Button weight="plain" onClick={() => onAnswer([])}>
          {text('polls.back')}
        </Button>
      )}
      {poll.self && !poll.closed && (
        <Button weight="plain" onClick={onClose}>
          {text('polls.close')}
        </Button>
      )}
    </li>
  );
}

interface PollOptionProps {
  poll: PollView;
  option: OptionView;
  onChange: (on: boolean) => void;
}

function PollOption({ poll, option, onChange }: PollOptionProps) {
  const id = useId();
  return (
    <div class="poll-option">
      <label class="poll-choice">
        <input
          type={poll.many ? 'checkbox' : 'radio'}
          name={poll.id}
          checked={option.mine}
          aria-describedby={id}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        <span>{option.text}</span>
      </label>
      <span id={id} class="poll-votes muted small">
        <span aria-hidden="true">{option.votes}</span>
        <span class="hidden-visually">{textCount('polls.votes', option.votes)}</span>
      </span>
      <progress class="poll-share" aria-hidden="true" value={option.votes} max={Math.max(poll.voters, 1)} />
    </div>
  );
}

function Who({ options }: { options: OptionView[] }) {
  return (
    <details class="advanced">
      <summary class="small">
        <span>{text('polls.who')}</span>
        <Icon name="chevron" small />
      </summary>
      <dl class="poll-who small">
        {options.flatMap((option) => [
          <dt key={`${option.text} text`}>{option.text}</dt>,
          <dd key={option.text} class="muted">
            {option.names.length > 0 ? textList(option.names) : text('polls.nobody')}
          </dd>,
        ])}
      </dl>
    </details>
  );
}
