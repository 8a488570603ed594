/** The one bar: what one sends, the link, and the way out. */
import type { Meeting } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { Switch } from '../controls/switch.tsx';
import { text } from '../strings/text.ts';
import './bar.css';

interface BarProps {
  meeting: Meeting;
  onCopyLink: () => void;
}

export function Bar({ meeting, onCopyLink }: BarProps) {
  return (
    <section class="bar" aria-label={text('call.controls')}>
      <div class="bar-group">
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
        <Switch
          label={text('call.screen')}
          on={meeting.screen.value}
          icon="screen"
          meaning="active"
          shortcut="S"
          onChange={(on) => void meeting.setScreen(on)}
        />
      </div>
      <div class="bar-group">
        <Button icon="link" onClick={onCopyLink}>
          {text('call.copy_link')}
        </Button>
      </div>
      <div class="bar-group">
        <Button icon="leave" weight="danger" onClick={() => meeting.leave()}>
          {text('call.leave')}
        </Button>
      </div>
    </section>
  );
}
