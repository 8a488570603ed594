/** The rooms with somebody in them, and who is there: by number and role. */
import { useState } from 'preact/hooks';
import type { LiveRoom, PageLiveRoom, PageParticipant } from '../rest/api.ts';
import { Button } from '../ui/controls/button.tsx';
import { at, type Server } from './api.ts';
import { AskedTwice, Moment, Said, Section, Table } from './parts.tsx';
import { useAsked, useDeed } from './use.ts';

const OFTEN = 5000;

export function Live({ server }: { server: Server }) {
  const rooms = useAsked(() => server.get<PageLiveRoom>('/rooms/live'), OFTEN);
  const deed = useDeed();
  const [open, setOpen] = useState('');
  const there = rooms.value?.data.some((room) => room.friendly_url === open);
  const end = (room: LiveRoom) =>
    void deed.run(() => server.post<void>(`/sessions/${at(room.session_id)}/end`)).then(rooms.again);
  return (
    <Section id="live" title="Meetings">
      <Said refusal={deed.refusal ?? rooms.refusal} />
      <Table
        caption="Rooms with somebody in them"
        heads={['Room', 'Since', 'People', 'Door', '']}
        empty="Nobody is in any room."
        rows={
          rooms.value?.data.map((room) => ({
            key: room.session_id,
            cells: [
              room.friendly_url,
              <Moment key="since" time={room.started_at} />,
              room.waiting > 0 ? `${room.participants}, ${room.waiting} at the door` : room.participants,
              room.is_closed ? 'Closed' : room.is_locked ? 'People knock' : 'Open',
              <div key="deeds" class="admin-deeds">
                <Button
                  label={`Who is in ${room.friendly_url}`}
                  onClick={() => setOpen(open === room.friendly_url ? '' : room.friendly_url)}
                >
                  {open === room.friendly_url ? 'Close' : 'Who is there'}
                </Button>
                <AskedTwice
                  action="End"
                  label={`End the meeting in ${room.friendly_url}`}
                  title="End this meeting for everybody?"
                  text="Everybody leaves it. The room stays."
                  busy={deed.busy}
                  onConfirm={() => end(room)}
                />
              </div>,
            ],
          })) ?? null
        }
      />
      {there && <People key={open} server={server} room={open} />}
    </Section>
  );
}

function People({ server, room }: { server: Server; room: string }) {
  const path = `/rooms/${at(room)}/live/participants`;
  const people = useAsked(() => server.get<PageParticipant>(path), OFTEN, [path]);
  const deed = useDeed();
  return (
    <div class="admin-inset">
      <h3>In {room}</h3>
      <Said refusal={deed.refusal ?? people.refusal} />
      <Table
        caption={`Who is in ${room}`}
        heads={['Id of the token', 'Role', 'Since', '']}
        empty="Nobody."
        rows={
          people.value?.data.map((person) => ({
            key: person.id,
            cells: [
              person.external_device
                ? `${person.external_id}, ${person.external_device}`
                : (person.external_id ?? 'Guest'),
              person.away ? `${person.role}, away` : person.role,
              <Moment key="since" time={person.joined_at} />,
              <div key="deeds" class="admin-deeds">
                <Button
                  busy={deed.busy}
                  onClick={() =>
                    void deed.run(() => server.post<void>(`${path}/${at(person.id)}/mute`, { source: 'mic' }))
                  }
                >
                  Mute
                </Button>
                <AskedTwice
                  action="Remove"
                  label={`Remove ${person.external_id ?? 'this guest'}`}
                  title="Remove this participant?"
                  text="They can come back by the same link, unless the room is closed or their token is revoked."
                  busy={deed.busy}
                  onConfirm={() => void deed.run(() => server.remove(`${path}/${at(person.id)}`)).then(people.again)}
                />
              </div>,
            ],
          })) ?? null
        }
      />
    </div>
  );
}
