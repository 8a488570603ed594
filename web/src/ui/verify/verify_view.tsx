/** Comparing emoji with somebody, from the asking to the end. One at a time; the meeting says where it stands. */
import { useState } from 'preact/hooks';
import type { Meeting, VerificationView } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { Icon } from '../icons.tsx';
import { text } from '../strings/text.ts';
import { Compare } from './compare.tsx';
import './verify.css';

interface VerifyProps {
  meeting: Meeting;
  verification: VerificationView;
}

/** Somebody asks us: above the list, which goes on being usable. */
export function Asked({ meeting, verification: { person, name } }: VerifyProps) {
  return (
    <section class="verify-asked">
      <p class="verify-strong">{text('verify.asked', { name })}</p>
      <p class="muted small">{text('verify.asked.text')}</p>
      <div class="verify-actions">
        <Button weight="primary" onClick={() => meeting.verify(person, 'request')}>
          {text('verify.agree')}
        </Button>
        <Button onClick={() => meeting.verify(person, 'cancel')}>{text('verify.decline')}</Button>
      </div>
    </section>
  );
}

export function VerifyView({ meeting, verification, onBack }: VerifyProps & { onBack: () => void }) {
  const [matched, setMatched] = useState(false);
  const { person, name, state } = verification;
  switch (state) {
    case 'requested':
      return <Asked meeting={meeting} verification={verification} />;
    case 'waiting':
      return (
        <>
          <p aria-live="polite">{text(matched ? 'verify.waiting.match' : 'verify.waiting', { name })}</p>
          <Button onClick={() => meeting.verify(person, 'cancel')}>{text('verify.cancel')}</Button>
        </>
      );
    case 'compare':
      // They have scanned our code: their screen knows, ours has to be told.
      return verification.emoji.length === 0 ? (
        <Scanned meeting={meeting} verification={verification} />
      ) : (
        <Compare
          verification={verification}
          onMatch={() => {
            setMatched(true);
            meeting.verify(person, 'match');
          }}
          onMismatch={() => meeting.verify(person, 'mismatch')}
        />
      );
    case 'done':
      return <Verified meeting={meeting} name={name} onBack={onBack} />;
    case 'cancelled':
      return <Cancelled meeting={meeting} verification={verification} onBack={onBack} />;
  }
}

function Scanned({ meeting, verification: { person, name } }: VerifyProps) {
  return (
    <>
      <p class="verify-strong">{text('qr.worked', { name })}</p>
      <p class="muted small">{text('qr.worked.text')}</p>
      <div class="verify-actions">
        <Button weight="primary" onClick={() => meeting.verify(person, 'match')}>
          {text('qr.worked.yes')}
        </Button>
        <Button onClick={() => meeting.verify(person, 'mismatch')}>{text('qr.worked.no')}</Button>
      </div>
    </>
  );
}

function Verified({ meeting, name, onBack }: { meeting: Meeting; name: string; onBack: () => void }) {
  const kept = meeting.identity.value === 'kept' ? 'verify.done.kept' : 'verify.done.guest';
  return (
    <>
      <div class="verify-end verify-good" role="status">
        <Icon name="shield" />
        <div>
          <p class="verify-strong">{text('verify.done', { name })}</p>
          <p>{text('verify.done.text')}</p>
          <p class="muted small">{text(kept)}</p>
        </div>
      </div>
      <Button weight="primary" onClick={onBack}>
        {text('verify.finish')}
      </Button>
    </>
  );
}

function Cancelled({ meeting, verification, onBack }: VerifyProps & { onBack: () => void }) {
  const { person, name, reason = 'failed' } = verification;
  const grave = reason === 'mismatch';
  return (
    <>
      <div class={grave ? 'verify-end verify-grave' : 'verify-end'} role="alert">
        <Icon name={grave ? 'lockAlert' : 'alert'} />
        <div>
          <p class="verify-strong">{text('verify.cancelled')}</p>
          <p>{text(`verify.reason.${reason}`, { name })}</p>
        </div>
      </div>
      <div class="verify-actions">
        {!grave && <Button onClick={() => meeting.verify(person, 'request')}>{text('verify.again')}</Button>}
        <Button weight="primary" onClick={onBack}>
          {text('verify.close')}
        </Button>
      </div>
    </>
  );
}
