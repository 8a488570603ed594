/** The breakout rooms that are open: who is where, and how to move them. */
import type { BreakoutsView, Meeting } from '../../call/view.ts';
import { MOST_ROOMS } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { Choice } from '../controls/choice.tsx';
import { inOrder } from '../people/order.ts';
import { personName } from '../stage/tile_name.ts';
import { text } from '../strings/text.ts';
import { STAYS } from './groups.ts';

const HERE = `${STAYS}`;

export function Opened({ meeting }: { meeting: Meeting }) {
  const { breakouts } = meeting;
  const rooms = breakouts.rooms.value;
  return (
    <>
      <ul aria-label={text('breakouts.title')}>
        {rooms.map(({ name, url, people }) => (
          <li key={url} class="breakout">
            <p class="person-name">{text('breakouts.room', { name })}</p>
            {people.length === 0 && <p class="small muted">{text('breakouts.empty')}</p>}
            {people.map((person) => (
              <Where
                key={person.id}
                breakouts={breakouts}
                name={person.name}
                here={text('breakouts.back')}
                room={name}
                onMove={(room) => void breakouts.move(person.id, room)}
              />
            ))}
            <a class="button button-quiet" href={url} target="_blank" rel="noopener">
              {text('breakouts.visit')}
            </a>
          </li>
        ))}
      </ul>
      <Staying meeting={meeting} />
      {rooms.length < MOST_ROOMS && <Button onClick={() => void breakouts.add()}>{text('breakouts.add')}</Button>}
      <Button weight="primary" wide onClick={() => breakouts.close()}>
        {text('breakouts.close')}
      </Button>
      <p class="small muted">{text('breakouts.close.text')}</p>
    </>
  );
}

/** Who is here and was not sent: who came late, who is back. */
function Staying({ meeting }: { meeting: Meeting }) {
  const { breakouts } = meeting;
  const sent = breakouts.rooms.value.flatMap(({ people }) => people);
  const staying = inOrder(meeting.tiles.value).filter(
    ({ self, user, device }) => !self && !sent.some((person) => person.user === user && person.device === device),
  );
  if (staying.length === 0) return null;
  return (
    <section>
      <p class="person-name">{text('breakouts.staying')}</p>
      {staying.map((tile) => (
        <Where
          key={tile.key}
          breakouts={breakouts}
          name={personName(tile)}
          here={text('breakouts.stays')}
          room={null}
          onMove={(room) => room !== null && breakouts.send({ user: tile.user, device: tile.device }, room)}
        />
      ))}
    </section>
  );
}

interface WhereProps {
  breakouts: BreakoutsView;
  name: string;
  /** What to be here is called. */
  here: string;
  /** Null: here. */
  room: string | null;
  onMove: (room: string | null) => void;
}

function Where({ breakouts, name, here, room, onMove }: WhereProps) {
  const rooms = breakouts.rooms.value.map((other) => ({
    value: other.name,
    label: text('breakouts.room', { name: other.name }),
  }));
  return (
    <Choice
      label={name}
      options={[{ value: HERE, label: here }, ...rooms]}
      value={room ?? HERE}
      onChange={(value) => onMove(value === HERE ? null : value)}
    />
  );
}
