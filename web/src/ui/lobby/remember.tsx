/** Whether this browser keeps our keys: off unless one wants it; and where it does, what it keeps and how to be rid of it. */
import type { Meeting } from '../../call/view.ts';
import { Check } from '../controls/check.tsx';
import { Device } from '../device/device.tsx';
import { Icon } from '../icons.tsx';
import { text } from '../strings/text.ts';

interface RememberProps {
  meeting: Meeting;
  on: boolean;
  onChange: (on: boolean) => void;
}

export function Remember({ meeting, on, onChange }: RememberProps) {
  const identity = meeting.identity.value;
  if (identity === 'unavailable') return <p class="muted small">{text('lobby.remember.unavailable')}</p>;
  return (
    <div class="remember">
      <Check label={text('lobby.remember')} hint={text('lobby.remember.hint')} on={on} onChange={onChange} />
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
