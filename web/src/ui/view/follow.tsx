/** Follow me: the switch of who leads, and what those who follow are told. */
import { type Meeting, moderates } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { Switch } from '../controls/switch.tsx';
import { text } from '../strings/text.ts';

/** For moderators; and for whoever is led, whether they go along. */
export function FollowControls({ meeting }: { meeting: Meeting }) {
  const { follow } = meeting;
  const leader = follow.leader.value;
  return (
    <>
      {moderates(meeting.moderation.role.value) && (
        <section>
          <Switch
            label={text('follow.lead')}
            on={follow.leading.value}
            icon="lead"
            meaning="active"
            onChange={(on) => follow.lead(on)}
          />
          <p class="muted small">{text('follow.lead.hint')}</p>
        </section>
      )}
      {leader !== null && (
        <section>
          <Switch
            label={text('follow.follow', { name: leader })}
            on={follow.follows.value}
            icon="lead"
            meaning="active"
            onChange={(on) => follow.setFollows(on)}
          />
        </section>
      )}
    </>
  );
}

export function FollowTold({ meeting }: { meeting: Meeting }) {
  const { follow } = meeting;
  if (follow.leading.value) {
    return (
      <div class="told">
        <span>{text('follow.leading')}</span>
        <Button onClick={() => follow.lead(false)}>{text('follow.leading.stop')}</Button>
      </div>
    );
  }
  if (follow.leader.value === null || !follow.follows.value) return null;
  return (
    <div class="told">
      <span>{text('follow.led', { name: follow.leader.value })}</span>
      <Button onClick={() => follow.setFollows(false)}>{text('follow.led.stop')}</Button>
    </div>
  );
}
