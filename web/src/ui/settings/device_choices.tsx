/** The choices of a microphone, a camera and a speaker; in the lobby and beside a call. */
import type { DeviceOption, DevicesView } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { Choice, type Option } from '../controls/choice.tsx';
import { type Key, text } from '../strings/text.ts';
import { TestSound } from './test_sound.tsx';
import './settings.css';

export function MicrophoneChoice({ devices }: { devices: DevicesView }) {
  const { microphones, micId } = devices;
  return (
    <Choice
      label={text('lobby.mic.device')}
      icon="mic"
      options={options(microphones.value, micId.value, 'lobby.device.none.mic', 'call.microphone')}
      value={micId.value}
      disabled={microphones.value.length === 0}
      onChange={(id) => devices.choose('mic', id)}
    />
  );
}

export function CameraChoice({ devices }: { devices: DevicesView }) {
  const { cameras, cameraId } = devices;
  return (
    <Choice
      label={text('lobby.camera.device')}
      icon="camera"
      options={options(cameras.value, cameraId.value, 'lobby.device.none.camera', 'call.camera')}
      value={cameraId.value}
      disabled={cameras.value.length === 0}
      onChange={(id) => devices.choose('camera', id)}
    />
  );
}

/** Where the browser does not let a page choose, the system's own speaker can be tried all the same. */
export function SpeakerChoice({ devices }: { devices: DevicesView }) {
  const { speakers, speakerId, can } = devices;
  const listed = speakers.value.length > 0;
  return (
    <div class="speaker">
      {can.askForSpeaker && !listed ? (
        <Button icon="sound" onClick={() => void devices.askForSpeaker()}>
          {text('settings.speaker.ask')}
        </Button>
      ) : (
        <Choice
          label={text('settings.speaker')}
          icon="sound"
          options={options(
            can.chooseSpeaker ? speakers.value : [],
            speakerId.value,
            'settings.device.any',
            'settings.speaker',
          )}
          value={speakerId.value}
          disabled={!can.chooseSpeaker || !listed}
          onChange={(id) => devices.choose('speaker', id)}
        />
      )}
      <TestSound speaker={speakerId.value} />
    </div>
  );
}

/** One that is not listed is the system's to choose: none was chosen yet, or the chosen one is not there. */
function options(devices: DeviceOption[], chosen: string, none: Key, kind: Key): Option[] {
  if (devices.length === 0) return [{ value: chosen, label: text(none) }];
  const listed = devices.map(({ id, label }, index) => ({
    value: id,
    label: label || text('lobby.device.numbered', { kind: text(kind), number: index + 1 }),
  }));
  const known = devices.some(({ id }) => id === chosen);
  return known ? listed : [{ value: chosen, label: text('settings.device.any') }, ...listed];
}
