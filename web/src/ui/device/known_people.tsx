/** Those this browser remembers: who they were when last met, whether verified or blocked, and taking that back. */
import { useEffect, useState } from 'preact/hooks';
import type { KnownPerson, Meeting } from '../../call/view.ts';
import { Icon } from '../icons.tsx';
import { text } from '../strings/text.ts';

export function KnownPeople({ meeting }: { meeting: Meeting }) {
  const [people, setPeople] = useState<KnownPerson[] | 'failed' | null>(null);
  const load = () => {
    meeting.known().then(setPeople, () => setPeople('failed'));
  };
  useEffect(load, [meeting]);
  if (people === null) return null;
  return (
    <section>
      <h3>{text('device.known')}</h3>
      {people === 'failed' && <p role="alert">{text('device.known.failed')}</p>}
      {people !== 'failed' && people.length === 0 && <p class="muted">{text('device.known.none')}</p>}
      {people !== 'failed' && people.length > 0 && (
        <>
          <ul class="known">
            {people.map((person) => (
              <Known
                key={person.identity}
                person={person}
                onForget={() => void meeting.forgetPerson(person.identity).then(load, () => setPeople('failed'))}
              />
            ))}
          </ul>
          <p class="muted small">{text('device.known.later')}</p>
        </>
      )}
    </section>
  );
}

function Known({ person, onForget }: { person: KnownPerson; onForget: () => void }) {
  const name = person.name || text('device.known.nameless');
  const state = person.blocked ? 'blocked' : person.verified ? 'verified' : 'met';
  const icons = { blocked: 'blocked', verified: 'shield', met: 'personCheck' } as const;
  const action = person.blocked ? 'device.known.unblock' : 'device.known.forget';
  return (
    <li class="known-person">
      <div>
        <p class="person-name">{name}</p>
        <p class={`person-state small${state === 'verified' ? ' person-good' : ''}`}>
          <Icon name={icons[state]} small />
          <span>{text(`device.known.${state}`)}</span>
        </p>
      </div>
      <button
        type="button"
        class="button button-quiet"
        aria-label={text(`${action}.label`, { name })}
        onClick={onForget}
      >
        {text(action)}
      </button>
    </li>
  );
}
