/** Oneself in the mirror, with the two switches. */
import { Picture } from '../controls/picture.tsx';
import { Switch } from '../controls/switch.tsx';
import { Icon } from '../icons.tsx';
import { text } from '../strings/text.ts';
import type { Preview } from './preview.ts';

export function SelfView({ preview, disabled }: { preview: Preview; disabled: boolean }) {
  const stream = preview.stream.value;
  const shown = preview.camera.value && stream !== null;
  return (
    <section class="self-view" aria-label={text('lobby.self')}>
      {shown ? (
        <Picture stream={stream} mirrored />
      ) : (
        <p class="self-view-empty">
          <Icon name="cameraOff" />
          <span>{text(preview.opening.value ? 'lobby.camera.starting' : 'lobby.camera.off')}</span>
        </p>
      )}
      <div class="self-view-switches">
        <Switch
          label={text('call.microphone')}
          on={preview.mic.value}
          icon="mic"
          iconOff="micOff"
          word="hidden"
          disabled={disabled}
          onChange={(on) => void preview.setMic(on)}
        />
        <Switch
          label={text('call.camera')}
          on={preview.camera.value}
          icon="camera"
          iconOff="cameraOff"
          word="hidden"
          disabled={disabled}
          onChange={(on) => void preview.setCamera(on)}
        />
      </div>
    </section>
  );
}
