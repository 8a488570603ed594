/** Sounds and notifications, each with its switch. */
import { Switch } from '../controls/switch.tsx';
import { Panel } from '../stage/panel.tsx';
import { text } from '../strings/text.ts';
import { notices, setNotices, setSounds, sounds } from './preferences.ts';

export function NotifyPanel({ onClose }: { onClose: () => void }) {
  return (
    <Panel id="notify" title={text('notify.title')} onClose={onClose}>
      <section>
        <Switch
          label={text('notify.sounds')}
          on={sounds.value}
          icon="sound"
          meaning="active"
          onChange={(on) => setSounds(on)}
        />
        <p class="muted small">{text('notify.sounds.hint')}</p>
      </section>
      <section>
        <Switch
          label={text('notify.notices')}
          on={notices.value === 'on'}
          icon="bell"
          meaning="active"
          onChange={(on) => void setNotices(on)}
        />
        <p class="muted small" aria-live="polite">
          {text(notices.value === 'denied' ? 'notify.denied' : 'notify.notices.hint')}
        </p>
      </section>
    </Panel>
  );
}
