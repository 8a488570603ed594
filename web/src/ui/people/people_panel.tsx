/** Who is here, and what one can do about each; verifying somebody takes the list's place, so that there is one thing to look at. */
import { useState } from 'preact/hooks';
import { type Meeting, moderates, type TileView } from '../../call/view.ts';
import { samePerson } from '../chat/draft.ts';
import { Button } from '../controls/button.tsx';
import { BreakoutsView } from '../moderation/breakouts_view.tsx';
import { Knocks } from '../moderation/knocks.tsx';
import { personsOf } from '../moderation/persons.ts';
import { RoomControls } from '../moderation/room_controls.tsx';
import { Panel } from '../stage/panel.tsx';
import { personName } from '../stage/tile_name.ts';
import { text, textCount } from '../strings/text.ts';
import { QRView } from '../verify/qr_view.tsx';
import { Asked, VerifyView } from '../verify/verify_view.tsx';
import { namesOf } from './names.ts';
import { inOrder } from './order.ts';
import { PersonRow } from './person_row.tsx';
import './people.css';

interface PeoplePanelProps {
  meeting: Meeting;
  onCopyLink: () => void;
  onClose: () => void;
}

export function PeoplePanel({ meeting, onCopyLink, onClose }: PeoplePanelProps) {
  const [scanning, setScanning] = useState<TileView | null>(null);
  const verification = meeting.verification.value;
  const people = inOrder(meeting.tiles.value);
  const persons = personsOf(people);
  const names = new Map(namesOf(people).map((name, index) => [people[index]?.key, name]));
  const [breaking, setBreaking] = useState(false);

  if (verification && verification.state !== 'requested') {
    const back = () => {
      setScanning(null);
      meeting.closeVerification();
    };
    return (
      <Panel id="people" title={text('verify.title', { name: verification.name })} onClose={onClose}>
        <VerifyView key={verification.person.device} meeting={meeting} verification={verification} onBack={back} />
      </Panel>
    );
  }
  // Whoever left meanwhile has nothing to show or to scan.
  if (scanning && people.some((tile) => samePerson(tile, scanning))) {
    const name = personName(scanning);
    return (
      <Panel id="people" title={text('qr.title', { name })} onClose={onClose}>
        <QRView meeting={meeting} person={scanning} name={name} onBack={() => setScanning(null)} />
      </Panel>
    );
  }
  if (breaking && moderates(meeting.moderation.role.value)) {
    return (
      <Panel id="people" title={text('breakouts.title')} onClose={onClose}>
        <BreakoutsView meeting={meeting} onBack={() => setBreaking(false)} />
      </Panel>
    );
  }
  return (
    <Panel id="people" title={text('people.title')} onClose={onClose}>
      <Knocks moderation={meeting.moderation} />
      {verification && <Asked meeting={meeting} verification={verification} />}
      <div class="people-head">
        <p class="muted">{textCount('people.count', persons.length)}</p>
        <Button icon="link" onClick={onCopyLink}>
          {text('call.copy_link')}
        </Button>
      </div>
      <ul class="people" aria-label={text('people.list')}>
        {persons.flatMap(({ main, others }) =>
          [main, ...others].map((tile) => (
            <PersonRow
              key={tile.key}
              meeting={meeting}
              tile={tile}
              name={others.length > 0 ? personName(tile) : (names.get(tile.key) ?? '')}
              other={tile !== main}
              onScan={setScanning}
            />
          )),
        )}
      </ul>
      <RoomControls meeting={meeting} onBreakouts={() => setBreaking(true)} />
    </Panel>
  );
}
