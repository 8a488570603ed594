/** The one bar: what one sends, what one opens, and the way out. */
import { useState } from 'preact/hooks';
import type { Meeting } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { Switch } from '../controls/switch.tsx';
import { ReactionMenu } from '../reactions/reaction_menu.tsx';
import { text, textCount } from '../strings/text.ts';
import { BarButton } from './bar_button.tsx';
import type { PanelName } from './panels.tsx';
import './bar.css';

interface BarProps {
  meeting: Meeting;
  unread: number;
  open: PanelName | null;
  onToggle: (panel: PanelName) => void;
}

export function Bar({ meeting, unread, open, onToggle }: BarProps) {
  const [reacting, setReacting] = useState(false);
  const { terms } = meeting;
  const viewing = meeting.moderation.role.value === 'viewer';
  const knocks = meeting.moderation.knocks.value.length;
  return (
    <section class="bar" aria-label={text('call.controls')}>
      <div class="bar-group">
        {!viewing && (
          <>
            <Switch
              label={text('call.microphone')}
              on={meeting.mic.value}
              icon="mic"
              iconOff="micOff"
              shortcut="M"
              onChange={(on) => void meeting.setMicrophone(on)}
            />
            <Switch
              label={text('call.camera')}
              on={meeting.camera.value}
              icon="camera"
              iconOff="cameraOff"
              shortcut="V"
              onChange={(on) => void meeting.setCamera(on)}
            />
            {terms.has('screenshare') && (
              <Switch
                label={text('call.screen')}
                on={meeting.screen.value}
                icon="screen"
                meaning="active"
                shortcut="S"
                onChange={(on) => void meeting.setScreen(on)}
              />
            )}
          </>
        )}
        {terms.has('raise_hand') && (
          <Switch
            label={text('hand.raise')}
            on={meeting.hand.value}
            icon="hand"
            meaning="active"
            shortcut="R"
            onChange={(on) => meeting.setHand(on)}
          />
        )}
        {terms.has('reactions') && (
          <ReactionMenu open={reacting} onOpen={setReacting} onReact={(emoji) => meeting.react(emoji)} />
        )}
      </div>
      <div class="bar-group">
        {terms.has('chat') && (
          <BarButton
            icon="chat"
            label={text('call.chat')}
            expanded={open === 'chat'}
            controls="chat"
            shortcut="C"
            badge={
              unread > 0
                ? { shown: unread > 99 ? '99+' : `${unread}`, words: textCount('chat.unread', unread) }
                : undefined
            }
            onClick={() => onToggle('chat')}
          />
        )}
        <BarButton
          icon="people"
          label={text('call.people')}
          expanded={open === 'people'}
          controls="people"
          shortcut="P"
          badge={knocks > 0 ? { shown: `${knocks}`, words: textCount('moderation.knocking', knocks) } : undefined}
          onClick={() => onToggle('people')}
        />
        <BarButton
          icon="more"
          label={text('call.more')}
          expanded={open === 'more'}
          controls="more"
          onClick={() => onToggle('more')}
        />
      </div>
      <div class="bar-group">
        <Button icon="leave" weight="danger" onClick={() => meeting.leave()}>
          {text('call.leave')}
        </Button>
      </div>
    </section>
  );
}
