/** Which microphone and camera, how loud the first is, and what is wrong with them. */
import { Choice, type Option } from '../controls/choice.tsx';
import { Notice } from '../controls/notice.tsx';
import { type Key, text } from '../strings/text.ts';
import { Level } from './level.tsx';
import type { DeviceTrouble, Preview } from './preview.ts';

export function Devices({ preview, disabled }: { preview: Preview; disabled: boolean }) {
  const trouble = preview.trouble.value;
  return (
    <fieldset class="devices" disabled={disabled}>
      <legend class="hidden-visually">{text('lobby.devices')}</legend>
      {trouble && <Notice tone="warn" {...troubleWords(trouble)} />}
      <div class="device">
        <Choice
          label={text('lobby.mic.device')}
          icon="mic"
          options={options(preview.microphones.value, 'lobby.device.none.mic', 'call.microphone')}
          value={preview.micId.value}
          disabled={preview.microphones.value.length === 0}
          onChange={(id) => preview.choose('mic', id)}
        />
        <Level stream={preview.stream.value} on={preview.mic.value} />
      </div>
      <Choice
        label={text('lobby.camera.device')}
        icon="camera"
        options={options(preview.cameras.value, 'lobby.device.none.camera', 'call.camera')}
        value={preview.cameraId.value}
        disabled={preview.cameras.value.length === 0}
        onChange={(id) => preview.choose('camera', id)}
      />
    </fieldset>
  );
}

function options(devices: MediaDeviceInfo[], none: Key, kind: Key): Option[] {
  if (devices.length === 0) return [{ value: '', label: text(none) }];
  return devices.map((device, index) => ({
    value: device.deviceId,
    label: device.label || text('lobby.device.numbered', { kind: text(kind), number: index + 1 }),
  }));
}

function troubleWords({ fault, kind }: DeviceTrouble): { message: string; hint: string } {
  if (fault === 'missing') return { message: text(`device.missing.${kind}`), hint: text('device.missing.hint') };
  return { message: text(`device.${fault}`), hint: text(`device.${fault}.hint`) };
}
