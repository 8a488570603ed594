/** The keys of everybody who is here, in a word each; those to look at first, with what to do. And whom one blocked. */
import { useEffect, useState } from 'preact/hooks';
import { concerning, type KnownPerson, type Meeting, type TileView } from '../../call/view.ts';
import { PersonState } from '../people/person_row.tsx';
import { personName } from '../stage/tile_name.ts';
import { text } from '../strings/text.ts';

export function WhoIsHere({ tiles }: { tiles: TileView[] }) {
  const people = tiles.filter(({ kind, self }) => kind === 'camera' && !self);
  const toCheck = people.filter(({ state }) => concerning(state));
  const others = people.filter(({ state }) => !concerning(state));
  return (
    <>
      <People title={text('encryption.people')} tiles={toCheck} />
      <People title={text('security.here')} tiles={others} />
    </>
  );
}

function People({ title, tiles }: { title: string; tiles: TileView[] }) {
  if (tiles.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul class="people">
        {tiles.map((tile) => (
          <li key={tile.key} class="person">
            <p class="person-name">{personName(tile)}</p>
            <PersonState tile={tile} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Those of earlier meetings; who is here and blocked stands among the others. */
export function Blocked({ meeting, onDevice }: { meeting: Meeting; onDevice: () => void }) {
  const [blocked, setBlocked] = useState<KnownPerson[]>([]);
  useEffect(() => {
    const found = (people: KnownPerson[]) => setBlocked(people.filter((person) => person.blocked));
    meeting.known().then(found, () => setBlocked([]));
  }, [meeting]);
  if (blocked.length === 0) return null;
  return (
    <section>
      <h3>{text('security.blocked')}</h3>
      <ul>
        {blocked.map(({ identity, name }) => (
          <li key={identity}>{name || text('device.known.nameless')}</li>
        ))}
      </ul>
      <button type="button" class="button button-quiet" onClick={onDevice}>
        {text('device.title')}
      </button>
    </section>
  );
}
