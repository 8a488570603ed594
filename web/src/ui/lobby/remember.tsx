/** Whether this browser keeps our keys: off unless one wants it; and where it does, what it keeps and how to be rid of it. */
import { useId } from 'preact/hooks';
import type { Meeting } from '../../call/view.ts';
import { Device } from '../device/device.tsx';
import { Icon } from '../icons.tsx';
import { text } from '../strings/text.ts';

interface RememberProps {
  meeting: Meeting;
  on: boolean;
  onChange: (on: boolean) => void;
}

export function Remember({ meeting, on, onChange }: RememberProps) {
  const id = useId();
  const identity = meeting.identity.value;
  if (identity === 'unavailable') return <p class="muted small">{text('lobby.remember.unavailable')}</p>;
  return (
    <div class="remember">
      <label class="remember-choice">
        <input
          type="checkbox"
          checked={on}
          aria-describedby={id}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        <span>{text('lobby.remember')}</span>
      </label>
      <p id={id} class="muted small">
        {text('lobby.remember.hint')}
      </p>
      {identity === 'kept' && (
        <details class="advanced">
          <summary>
            <span>{text('lobby.remember.kept')}</span>
            <Icon name="chevron" small />
          </summary>
          <Device meeting={meeting} />
        </details>
      )}
    </div>
  );
}
