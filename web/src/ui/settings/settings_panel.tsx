/** What one sends and hears by, beside the call: changes count at once. */
import type { DevicesView, Resolution, TermsView } from '../../call/view.ts';
import { Choice } from '../controls/choice.tsx';
import { LanguageChoice } from '../language/language_choice.tsx';
import { Level } from '../lobby/level.tsx';
import { Panel } from '../stage/panel.tsx';
import { text } from '../strings/text.ts';
import { BackgroundChoice } from './background_choice.tsx';
import { CameraChoice, MicrophoneChoice, SpeakerChoice } from './device_choices.tsx';
import { NoiseChoice } from './noise_choice.tsx';
import './settings.css';

const RESOLUTIONS: readonly Resolution[] = [180, 360, 720, 1080];

interface SettingsPanelProps {
  devices: DevicesView;
  terms: TermsView;
  onClose: () => void;
}

export function SettingsPanel({ devices, terms, onClose }: SettingsPanelProps) {
  const sound = devices.sound.value;
  return (
    <Panel id="settings" title={text('settings.title')} onClose={onClose}>
      <section class="settings-group">
        <h3>{text('settings.sound')}</h3>
        <MicrophoneChoice devices={devices} />
        {sound ? <Level stream={sound} on /> : <p class="muted small">{text('settings.mic.off')}</p>}
        <NoiseChoice devices={devices} />
        <SpeakerChoice devices={devices} />
      </section>
      <section class="settings-group">
        <h3>{text('settings.picture')}</h3>
        <CameraChoice devices={devices} />
        {terms.has('virtual_backgrounds') && <BackgroundChoice devices={devices} />}
        <Choice
          label={text('settings.resolution')}
          options={RESOLUTIONS.map((lines) => ({ value: `${lines}`, label: text(`settings.resolution.${lines}`) }))}
          value={`${devices.resolution.value}`}
          onChange={(lines) => devices.setResolution(Number(lines) as Resolution)}
        />
      </section>
      <section class="settings-group">
        <h3>{text('language.label')}</h3>
        <LanguageChoice />
      </section>
    </Panel>
  );
}
