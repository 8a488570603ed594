/** Captions have two ways: seeing what others have written down, and having it written down what one says. */
import type { CaptionsView } from '../../call/view.ts';
import { Switch } from '../controls/switch.tsx';
import { Panel } from '../stage/panel.tsx';
import { text } from '../strings/text.ts';

export function CaptionsPanel({ captions, onClose }: { captions: CaptionsView; onClose: () => void }) {
  const giving = captions.giving.value;
  return (
    <Panel id="captions" title={text('captions.title')} onClose={onClose}>
      <section>
        <Switch
          label={text('captions.show')}
          on={captions.on.value}
          icon="captions"
          meaning="active"
          onChange={(on) => captions.show(on)}
        />
        <p class="muted small">{text('captions.show.hint')}</p>
      </section>
      <section>
        <Switch
          label={text('captions.give')}
          on={giving === 'on'}
          icon="mic"
          meaning="active"
          disabled={giving === 'unavailable'}
          onChange={(on) => void captions.give(on)}
        />
        <p class="muted small" aria-live="polite">
          {text(giving === 'unavailable' ? 'captions.unavailable' : 'captions.give.hint')}
        </p>
      </section>
    </Panel>
  );
}
