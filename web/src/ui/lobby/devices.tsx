/** Which microphone, camera and speaker, how loud the first is, and what is wrong with them. */
import type { DevicesView } from '../../call/view.ts';
import { Notice } from '../controls/notice.tsx';
import { Icon } from '../icons.tsx';
import { BackgroundChoice } from '../settings/background_choice.tsx';
import { CameraChoice, MicrophoneChoice, SpeakerChoice } from '../settings/device_choices.tsx';
import { NoiseChoice } from '../settings/noise_choice.tsx';
import { text } from '../strings/text.ts';
import { Level } from './level.tsx';
import type { Preview } from './preview.ts';
import { troubleWords } from './trouble.ts';

export function Devices({ devices, preview, disabled }: { devices: DevicesView; preview: Preview; disabled: boolean }) {
  const trouble = preview.trouble.value;
  return (
    <fieldset class="devices" disabled={disabled}>
      <legend class="hidden-visually">{text('lobby.devices')}</legend>
      {trouble && <Notice tone="warn" {...troubleWords(trouble)} />}
      <div class="device">
        <MicrophoneChoice devices={devices} />
        <Level stream={preview.stream.value} on={preview.mic.value} />
      </div>
      <CameraChoice devices={devices} />
      <SpeakerChoice devices={devices} />
      <details class="advanced">
        <summary>
          <span>{text('lobby.effects')}</span>
          <Icon name="chevron" small />
        </summary>
        <div class="devices">
          <BackgroundChoice devices={devices} />
          <NoiseChoice devices={devices} />
        </div>
      </details>
    </fieldset>
  );
}
