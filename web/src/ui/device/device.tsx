/** Whether we are remembered here, whom we remember, and forgetting all of it; in the lobby and beside a call. */
import type { Meeting } from '../../call/view.ts';
import { text } from '../strings/text.ts';
import { ForgetDevice } from './forget_device.tsx';
import { KnownPeople } from './known_people.tsx';
import './device.css';

export function Device({ meeting }: { meeting: Meeting }) {
  const identity = meeting.identity.value;
  return (
    <div class="device-kept">
      <p>{text(`device.identity.${identity}`)}</p>
      {identity === 'kept' && <KnownPeople meeting={meeting} />}
      <ForgetDevice meeting={meeting} />
    </div>
  );
}
