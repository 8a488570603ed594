/** Join tokens: made for somebody, and revoked by their ids. None is listed, for none is kept. */
import { useState } from 'preact/hooks';
import type { Token } from '../rest/api.ts';
import { Button } from '../ui/controls/button.tsx';
import { Choice } from '../ui/controls/choice.tsx';
import { Field } from '../ui/controls/field.tsx';
import { at, type Server } from './api.ts';
import { Copied, Moment, Said, Section } from './parts.tsx';
import { useDeed } from './use.ts';

const ROLES = [
  { value: '', label: 'As the room has it' },
  { value: 'owner', label: 'Owner' },
  { value: 'moderator', label: 'Moderator' },
  { value: 'participant', label: 'Participant' },
  { value: 'viewer', label: 'Viewer' },
];

const HOUR = 3600;
const LIVES = [
  { value: String(HOUR), label: 'An hour' },
  { value: String(8 * HOUR), label: '8 hours' },
  { value: String(24 * HOUR), label: 'A day' },
  { value: String(7 * 24 * HOUR), label: 'A week' },
];

export function Tokens({ server }: { server: Server }) {
  return (
    <Section id="tokens" title="Join tokens">
      <div class="admin-columns">
        <Made server={server} />
        <Revoked server={server} />
      </div>
    </Section>
  );
}

function Made({ server }: { server: Server }) {
  const [room, setRoom] = useState('');
  const [role, setRole] = useState('');
  const [person, setPerson] = useState('');
  const [life, setLife] = useState(String(HOUR));
  const [token, setToken] = useState<Token | null>(null);
  const deed = useDeed();
  async function submit(event: Event) {
    event.preventDefault();
    const settings = {
      ...(role ? { role } : {}),
      ...(person.trim() ? { external_id: person.trim() } : {}),
      expires_in: Number(life),
    };
    await deed.run(async () => setToken(await server.post<Token>(`/rooms/${at(room.trim())}/token`, settings)));
  }
  return (
    <form class="admin-form admin-inset" onSubmit={submit} noValidate>
      <h3>Make one</h3>
      <Field label="Room" hint="One that was made above." value={room} autoComplete="off" onInput={setRoom} />
      <Choice label="Role" options={ROLES} value={role} onChange={setRole} />
      <Choice label="Valid for" options={LIVES} value={life} onChange={setLife} />
      <Field
        label="For whom"
        hint="An id of yours. Nobody in the meeting sees it."
        value={person}
        autoComplete="off"
        onInput={setPerson}
      />
      <Said refusal={deed.refusal} />
      <Button type="submit" busy={deed.busy} disabled={room.trim() === ''}>
        Make it
      </Button>
      {token && (
        <>
          <Copied label="A link for one person. Put # and the meeting’s secret behind it:" value={token.link} />
          <p class="muted small">
            Id {token.id}, until <Moment time={token.expires_at} />
          </p>
        </>
      )}
    </form>
  );
}

function Revoked({ server }: { server: Server }) {
  const [id, setId] = useState('');
  const [done, setDone] = useState('');
  const deed = useDeed();
  async function submit(event: Event) {
    event.preventDefault();
    if (!(await deed.run(() => server.remove(`/tokens/${at(id.trim())}`)))) return;
    setDone(id.trim());
    setId('');
  }
  return (
    <form class="admin-form admin-inset" onSubmit={submit} noValidate>
      <h3>Revoke one</h3>
      <Field
        label="Id of the token"
        hint="Whoever came in by it is out at once."
        value={id}
        autoComplete="off"
        onInput={setId}
      />
      <Said refusal={deed.refusal} />
      <Button type="submit" busy={deed.busy} disabled={id.trim() === ''}>
        Revoke it
      </Button>
      {done !== '' && <p role="status">Revoked: {done}</p>}
    </form>
  );
}
