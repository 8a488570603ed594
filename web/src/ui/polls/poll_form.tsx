/** Where one writes a poll: a question, some answers, whether several may be chosen. */
import { OPTION_LIMIT, QUESTION_LIMIT } from '../../call/poll.ts';
import { Button } from '../controls/button.tsx';
import { Field } from '../controls/field.tsx';
import { text } from '../strings/text.ts';
import type { PollDraft } from './poll_draft.ts';

export function PollForm({ draft }: { draft: PollDraft }) {
  const fault = draft.fault.value;
  return (
    <form
      class="poll-form"
      onSubmit={(event) => {
        event.preventDefault();
        void draft.ask();
      }}
    >
      <Field
        label={text('polls.question')}
        value={draft.question.value}
        maxLength={QUESTION_LIMIT}
        autoComplete="off"
        error={fault && text(`polls.error.${fault}`)}
        onInput={(value) => {
          draft.question.value = value;
          draft.fault.value = null;
        }}
      />
      {draft.options.value.map((option, place) => (
        <Field
          key={place}
          label={text('polls.option', { number: place + 1 })}
          value={option}
          maxLength={OPTION_LIMIT}
          autoComplete="off"
          onInput={(value) => draft.write(place, value)}
        />
      ))}
      {!draft.full && (
        <Button weight="plain" onClick={() => draft.addOption()}>
          {text('polls.option.add')}
        </Button>
      )}
      <label class="poll-choice">
        <input
          type="checkbox"
          checked={draft.many.value}
          onChange={(event) => {
            draft.many.value = event.currentTarget.checked;
          }}
        />
        <span>{text('polls.many')}</span>
      </label>
      <div class="poll-end">
        <Button onClick={() => draft.clear()}>{text('polls.cancel')}</Button>
        <Button type="submit" weight="primary">
          {text('polls.ask')}
        </Button>
      </div>
    </form>
  );
}
