/** What one can do about somebody, each with a line on what it does; what cannot be taken back is asked once more in place. */
import { useContext, useState } from 'preact/hooks';
import { healthy, type Meeting, type TileView } from '../../call/view.ts';
import { Action } from '../controls/action.tsx';
import { Confirm } from '../controls/confirm.tsx';
import { moderating } from '../moderation/person.ts';
import { text } from '../strings/text.ts';
import { LookAt } from '../view/look_at.ts';
import { verifiable } from './states.ts';

type Grave = 'block' | 'remove' | 'change';

interface PersonActionsProps {
  meeting: Meeting;
  tile: TileView;
  name: string;
  onScan: () => void;
}

export function PersonActions({ meeting, tile, name, onScan }: PersonActionsProps) {
  const [asking, ask] = useState<Grave | null>(null);
  const lookAt = useContext(LookAt);
  const person = { user: tile.user, device: tile.device };

  const pinned = meeting.pinned.value === tile.key;
  const actions = [
    ...(healthy(tile.state)
      ? ([
          { name: pinned ? 'unpin' : 'pin', icon: 'expand', run: () => meeting.pin(pinned ? null : tile.key) },
        ] as const)
      : []),
    { name: 'options', icon: 'sound', run: () => lookAt(tile.key) },
    ...(verifiable(tile.state)
      ? ([
          { name: 'verify', icon: 'emoji', run: () => meeting.verify(person, 'request') },
          { name: 'qr', icon: 'qr', run: onScan },
        ] as const)
      : []),
    ...(tile.state === 'blocked' ? [] : ([{ name: 'block', icon: 'blocked', run: () => ask('block') }] as const)),
    ...moderating(meeting, tile),
    ...(meeting.moderation.above(person)
      ? ([
          { name: 'remove', icon: 'personMinus', run: () => ask('remove') },
          { name: 'change', icon: 'link', run: () => ask('change') },
        ] as const)
      : []),
  ] as const;

  if (asking) {
    const kept = meeting.identity.value === 'kept' ? 'people.block.kept' : 'people.block.guest';
    return (
      <Confirm
        title={text(`people.${asking}.title`, { name })}
        action={text(`people.${asking}.confirm`, { name })}
        onConfirm={() => {
          ask(null);
          if (asking === 'block') meeting.block(person);
          else meeting.remove(person, asking === 'change');
        }}
        onCancel={() => ask(null)}
      >
        <p>{text(`people.${asking}.does`)}</p>
        {asking === 'block' && <p>{text(kept)}</p>}
      </Confirm>
    );
  }
  return (
    <ul class="person-actions">
      {actions.map(({ name: action, icon, run }) => (
        <li key={action}>
          <Action icon={icon} name={text(`people.${action}`)} explained={text(`people.${action}.text`)} onClick={run} />
        </li>
      ))}
    </ul>
  );
}
