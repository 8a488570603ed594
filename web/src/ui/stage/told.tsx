/** What holds for longer than a toast and is not of one tile: above the stage, read out when it comes. */
import type { ComponentChildren } from 'preact';
import type { Meeting } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { ModerationTold } from '../moderation/told.tsx';
import { text } from '../strings/text.ts';
import { FollowTold } from '../view/follow.tsx';

interface ToldProps {
  meeting: Meeting;
  talking: boolean;
  peopleOpen: boolean;
  /** The link is in sight. */
  inviting: boolean;
  /** What else holds. */
  children: ComponentChildren;
  onPeople: () => void;
  onCopyLink: () => void;
}

export function Told({ meeting, talking, peopleOpen, inviting, children, onPeople, onCopyLink }: ToldProps) {
  const { state, name } = meeting.verification.value ?? {};
  const alone = meeting.phase.value === 'in_call' && meeting.tiles.value.every((tile) => tile.self);
  const strangers = meeting.encryption.value.sentenceKey === 'encryption.sentence.wrong_secret_all';
  return (
    <div class="call-told" aria-live="polite">
      {children}
      {meeting.phase.value === 'reconnecting' && <p class="told told-warn">{text('call.reconnecting')}</p>}
      <EngineLost meeting={meeting} />
      {strangers && <p class="told told-warn">{text('encryption.sentence.wrong_secret_all')}</p>}
      {talking && <p class="told">{text('call.talking')}</p>}
      <FollowTold meeting={meeting} />
      {meeting.stage.mutedHint.speaking.value && (
        <div class="told">
          <span>{text('view.muted_hint.told')}</span>
          <Button icon="mic" onClick={() => void meeting.setMicrophone(true)}>
            {text('view.muted_hint.unmute')}
          </Button>
        </div>
      )}
      {meeting.stage.soundOnly.value && (
        <div class="told">
          <span>{text('view.sound_only.told')}</span>
          <Button onClick={() => meeting.stage.setSoundOnly(false)}>{text('view.sound_only.end')}</Button>
        </div>
      )}
      {state === 'requested' && !peopleOpen && (
        <div class="told">
          <span>{text('verify.asked', { name: name ?? '' })}</span>
          <Button onClick={onPeople}>{text('verify.asked.show')}</Button>
        </div>
      )}
      <ModerationTold meeting={meeting} peopleOpen={peopleOpen} onPeople={onPeople} />
      {alone && !inviting && (
        <div class="told">
          <span>{text(meeting.matrix ? 'matrix.alone' : 'call.alone')}</span>
          {!meeting.matrix && (
            <Button icon="link" onClick={onCopyLink}>
              {text('call.copy_link')}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

/** Nothing is sealed any more. What one had on is on again after a reload. */
function EngineLost({ meeting }: { meeting: Meeting }) {
  if (!meeting.tiles.value.some((tile) => tile.self && tile.state === 'engine_failed')) return null;
  return (
    <div class="told told-warn">
      <span>{text('problem.worker_failed')}</span>
      <Button onClick={() => location.reload()}>{text('call.reload')}</Button>
    </div>
  );
}

export function SoundBlocked({ onPlay }: { onPlay: () => void }) {
  return (
    <div class="told call-sound">
      <span>{text('call.sound_blocked')}</span>
      <Button icon="sound" onClick={onPlay}>
        {text('call.sound_blocked.action')}
      </Button>
    </div>
  );
}
