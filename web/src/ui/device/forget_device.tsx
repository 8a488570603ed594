/** Deletes what is kept, asked once more in place. What was done stays said, for the button is gone then. */
import { useState } from 'preact/hooks';
import type { Meeting } from '../../call/view.ts';
import { Action } from '../controls/action.tsx';
import { Confirm } from '../controls/confirm.tsx';
import { text } from '../strings/text.ts';

export function ForgetDevice({ meeting }: { meeting: Meeting }) {
  const [state, setState] = useState<'idle' | 'asking' | 'forgotten' | 'failed'>('idle');
  if (state === 'asking') {
    return (
      <Confirm
        title={text('device.forget.title')}
        action={text('device.forget.confirm')}
        onConfirm={() => {
          meeting.forgetDevice().then(
            () => setState('forgotten'),
            () => setState('failed'),
          );
        }}
        onCancel={() => setState('idle')}
      >
        <p>{text('device.forget.does')}</p>
      </Confirm>
    );
  }
  return (
    <>
      {meeting.identity.value === 'kept' && (
        <Action
          icon="personMinus"
          name={text('device.forget')}
          explained={text('device.forget.text')}
          onClick={() => setState('asking')}
        />
      )}
      <p role="status">
        {state === 'forgotten' && text('device.forgotten')}
        {state === 'failed' && text('device.failed')}
      </p>
    </>
  );
}
