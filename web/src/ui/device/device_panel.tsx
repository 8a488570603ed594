/** What this browser keeps of us and of others, and how to be rid of it. */
import type { Meeting } from '../../call/view.ts';
import { Panel } from '../stage/panel.tsx';
import { text } from '../strings/text.ts';
import { Device } from './device.tsx';

export function DevicePanel({ meeting, onClose }: { meeting: Meeting; onClose: () => void }) {
  return (
    <Panel id="device" title={text('device.title')} onClose={onClose}>
      <Device meeting={meeting} />
    </Panel>
  );
}
