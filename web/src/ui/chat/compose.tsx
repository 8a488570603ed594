/** Where one writes: to whom, what, and why it could not be sent. */
import { useEffect, useId, useRef } from 'preact/hooks';
import { FILE_LIMIT } from '../../call/files/seal.ts';
import type { Meeting } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { Choice, type Option } from '../controls/choice.tsx';
import { ShareButton } from '../files/share_button.tsx';
import { textSize } from '../files/size.ts';
import { Icon } from '../icons.tsx';
import { namesOf } from '../people/names.ts';
import { text } from '../strings/text.ts';
import { type Draft, recipients, samePerson, TEXT_LIMIT } from './draft.ts';

const EVERYONE = '';

export function Compose({ meeting, draft }: { meeting: Meeting; draft: Draft }) {
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const offline = meeting.phase.value !== 'in_call';
  // That it was lost is said for as long as it is.
  const told = draft.fault.value === 'offline' ? null : draft.fault.value;
  const fault = offline ? 'offline' : (told ?? (draft.gone() ? 'gone' : null));
  const name = draft.to.value?.name ?? '';
  const fileFault = draft.fileFault.value;
  const wrong = fileFault
    ? text(`files.error.${fileFault}`, { name, size: textSize(FILE_LIMIT) })
    : fault && text(`chat.error.${fault}`, { name, count: TEXT_LIMIT });

  // A keyboard on a screen would cover what one came to read.
  useEffect(() => {
    if (matchMedia('(pointer: fine)').matches) field.current?.focus();
  }, []);

  const send = () => void draft.send();
  return (
    <form
      class="compose"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {meeting.terms.has('private_chat') && <Recipients meeting={meeting} draft={draft} />}
      <div class="compose-field">
        <label for={id} class="hidden-visually">
          {text('chat.message')}
        </label>
        <textarea
          ref={field}
          id={id}
          rows={2}
          value={draft.text.value}
          aria-describedby={`${id}-below`}
          aria-invalid={told ? true : undefined}
          onInput={(event) => draft.write(event.currentTarget.value)}
          onKeyDown={(event) => {
            // Enter that ends a composition chooses a word; it does not send.
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
      </div>
      <div class="compose-end">
        <p id={`${id}-below`} class={wrong ? 'field-below field-error' : 'field-below'} aria-live="polite">
          {wrong && <Icon name="alert" small />}
          <span class={wrong ? undefined : 'compose-hint'}>{wrong || text('chat.hint')}</span>
        </p>
        {meeting.terms.has('files') && <ShareButton disabled={offline} onFile={(file) => void draft.share(file)} />}
        <Button type="submit" weight="primary" icon="send" busy={draft.sending.value || offline}>
          {text('chat.send')}
        </Button>
      </div>
    </form>
  );
}

function Recipients({ meeting, draft }: { meeting: Meeting; draft: Draft }) {
  const there = recipients(meeting.tiles.value);
  const names = namesOf(there);
  const chosen = draft.to.value;
  const place = chosen ? there.findIndex((tile) => samePerson(tile, chosen)) : -1;
  const options: Option[] = [
    { value: EVERYONE, label: text('chat.everyone') },
    ...there.map(({ key }, index) => ({ value: key, label: names[index] ?? '' })),
  ];
  if (chosen && place < 0) options.push({ value: 'gone', label: text('chat.gone', { name: chosen.name }) });
  return (
    <Choice
      label={text('chat.to')}
      options={options}
      value={chosen ? (there[place]?.key ?? 'gone') : EVERYONE}
      onChange={(value) => {
        const index = there.findIndex(({ key }) => key === value);
        const person = there[index];
        if (person) draft.address({ user: person.user, device: person.device, name: names[index] ?? '' });
        else if (value === EVERYONE) draft.address(null);
      }}
    />
  );
}
