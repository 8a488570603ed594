/** Whether the noise around one is taken out of one's voice. */
import type { DevicesView } from '../../call/view.ts';
import { Check } from '../controls/check.tsx';
import { text } from '../strings/text.ts';

export function NoiseChoice({ devices }: { devices: DevicesView }) {
  if (!devices.can.suppressNoise) return null;
  const state = devices.noiseState.value;
  const told =
    state === 'loading' || state === 'failed' ? text(`settings.noise.${state}`) : text('settings.noise.hint');
  return (
    <Check
      label={text('settings.noise')}
      hint={told}
      on={devices.noise.value}
      onChange={(on) => devices.setNoise(on)}
    />
  );
}
