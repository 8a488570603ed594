/** Has sounds come from the speaker that was chosen for voices. */
import { useSignalEffect } from '@preact/signals';
import type { DevicesView } from '../../call/view.ts';
import { hearFrom } from './tell.ts';

export function useSpeaker({ speakerId }: DevicesView): void {
  useSignalEffect(() => hearFrom(speakerId.value));
}
