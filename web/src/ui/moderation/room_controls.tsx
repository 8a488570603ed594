/** What a moderator can do about the whole meeting, behind one line at the end of the list of people. */
import { useState } from 'preact/hooks';
import { type Meeting, moderates } from '../../call/view.ts';
import { Action } from '../controls/action.tsx';
import { Confirm } from '../controls/confirm.tsx';
import { Switch } from '../controls/switch.tsx';
import { Icon } from '../icons.tsx';
import { text } from '../strings/text.ts';
import './moderation.css';

interface RoomControlsProps {
  meeting: Meeting;
  onBreakouts: () => void;
}

export function RoomControls({ meeting, onBreakouts }: RoomControlsProps) {
  const { moderation, breakouts } = meeting;
  const [ending, setEnding] = useState(false);
  if (!moderates(moderation.role.value)) return null;
  const { locked, waitingRoom } = moderation.room.value;
  const self = meeting.tiles.value.find((tile) => tile.self);
  return (
    <details class="room-controls">
      <summary>
        <span>{text('moderation.controls')}</span>
        <Icon name="chevron" small />
      </summary>
      <div class="room-setting">
        <Switch
          label={text('moderation.lock')}
          on={locked}
          icon="lock"
          meaning="active"
          onChange={(on) => moderation.setLocked(on)}
        />
        <p class="small muted">{text('moderation.lock.text')}</p>
      </div>
      <div class="room-setting">
        <Switch
          label={text('moderation.waiting_room')}
          on={waitingRoom}
          icon="person"
          meaning="active"
          onChange={(on) => moderation.setWaitingRoom(on)}
        />
        <p class="small muted">{text('moderation.waiting_room.text')}</p>
      </div>
      <ul class="person-actions">
        <li>
          <Action
            icon="micOff"
            name={text('moderation.mute_all')}
            explained={text('moderation.mute_all.text')}
            onClick={() => moderation.switchAllOff('mic')}
          />
        </li>
        {breakouts.possible && meeting.terms.has('breakout_rooms') && (
          <li>
            <Action
              icon="people"
              name={text('breakouts.title')}
              explained={text('breakouts.text')}
              onClick={onBreakouts}
            />
          </li>
        )}
        {self && moderation.replaceable() && (
          <li>
            <Action
              icon="person"
              name={text('moderation.step_down')}
              explained={text('moderation.step_down.text')}
              onClick={() => moderation.setRole(self, 'participant')}
            />
          </li>
        )}
        <li>
          {ending ? (
            <Confirm
              title={text('moderation.end.title')}
              action={text('moderation.end')}
              onConfirm={() => moderation.endForEveryone()}
              onCancel={() => setEnding(false)}
            >
              <p>{text('moderation.end.does')}</p>
            </Confirm>
          ) : (
            <Action icon="leave" name={text('moderation.end')} onClick={() => setEnding(true)} />
          )}
        </li>
      </ul>
    </details>
  );
}
