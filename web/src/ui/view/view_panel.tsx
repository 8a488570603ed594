/** How one looks at the meeting. */
import type { Layout, Meeting } from '../../call/view.ts';
import { Action } from '../controls/action.tsx';
import { Choice } from '../controls/choice.tsx';
import { Switch } from '../controls/switch.tsx';
import { Panel } from '../stage/panel.tsx';
import { SELF_PLACES, type SelfPlace, selfPlace, setSelfPlace } from '../stage/self_place.ts';
import { text } from '../strings/text.ts';
import { canFloat, float } from './floating.tsx';
import { FollowControls } from './follow.tsx';
import { canFill, fillCall } from './full_screen.ts';

const LAYOUTS: readonly Layout[] = ['grid', 'speaker'];

interface ViewPanelProps {
  meeting: Meeting;
  onSpoken: () => void;
  onClose: () => void;
}

export function ViewPanel({ meeting, onSpoken, onClose }: ViewPanelProps) {
  const { stage } = meeting;
  return (
    <Panel id="view" title={text('view.title')} onClose={onClose}>
      <Choice
        label={text('view.layout')}
        options={LAYOUTS.map((value) => ({ value, label: text(`view.layout.${value}`) }))}
        value={stage.layout.value}
        onChange={(value) => stage.setLayout(value as Layout)}
      />
      <Choice
        label={text('view.self')}
        options={SELF_PLACES.map((value) => ({ value, label: text(`view.self.${value}`) }))}
        value={selfPlace.value}
        onChange={(value) => setSelfPlace(value as SelfPlace)}
      />
      <section>
        <Switch
          label={text('view.sound_only')}
          on={stage.soundOnly.value}
          icon="sound"
          meaning="active"
          onChange={(on) => stage.setSoundOnly(on)}
        />
        <p class="muted small">{text('view.sound_only.hint')}</p>
      </section>
      {meeting.moderation.role.value !== 'viewer' && <MutedHint meeting={meeting} />}
      <FollowControls meeting={meeting} />
      <ul>
        {canFill() && (
          <li>
            <Action icon="fullScreen" name={text('view.full')} onClick={fillCall} />
          </li>
        )}
        {canFloat() && (
          <li>
            <Action
              icon="window"
              name={text('view.window')}
              explained={text('view.window.text')}
              onClick={() => void float(meeting)}
            />
          </li>
        )}
        <li>
          <Action icon="clock" name={text('view.spoken')} onClick={onSpoken} />
        </li>
      </ul>
    </Panel>
  );
}

function MutedHint({ meeting }: { meeting: Meeting }) {
  const { mutedHint } = meeting.stage;
  return (
    <section>
      <Switch
        label={text('view.muted_hint')}
        on={mutedHint.wanted.value}
        icon="mic"
        meaning="active"
        onChange={(on) => mutedHint.setWanted(on)}
      />
      <p class="muted small">{text('view.muted_hint.hint')}</p>
    </section>
  );
}
