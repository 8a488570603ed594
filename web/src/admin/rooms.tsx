/** Rooms that were made, with what holds in them. Links lack what stands behind the #: whoever hands a link out draws it. */
import { useState } from 'preact/hooks';
import { type PageRoom, type Room, type RoomSettings, withSecret } from '../rest/client.ts';
import { Button } from '../ui/controls/button.tsx';
import { Check } from '../ui/controls/check.tsx';
import { Field } from '../ui/controls/field.tsx';
import { at, type Server } from './api.ts';
import { AskedTwice, Copied, Said, Section, Table } from './parts.tsx';
import { useAsked, useDeed } from './use.ts';

const SELDOM = 30_000;

export function Rooms({ server }: { server: Server }) {
  const rooms = useAsked(() => server.get<PageRoom>('/rooms?order=desc'), SELDOM);
  const deed = useDeed();
  const hidden = (rooms.value?.total_count ?? 0) - (rooms.value?.data.length ?? 0);
  return (
    <Section id="rooms" title="Rooms">
      <Said refusal={deed.refusal ?? rooms.refusal} />
      <Table
        caption="Rooms that were made"
        heads={['Room', 'Topic', 'Who may enter', 'At most', '']}
        empty="None was made. Every name is a room all the same, unless the server was started with --rooms-only."
        rows={
          rooms.value?.data.map((room) => ({
            key: room.id,
            cells: [
              room.friendly_url,
              room.topic || '–',
              `${room.privacy === 'private' ? 'With a token' : 'With the link'}${room.is_locked ? ', knocking' : ''}`,
              room.max_participants || '–',
              <AskedTwice
                key="deeds"
                action="Delete"
                label={`Delete ${room.friendly_url}`}
                title="Delete this room?"
                text="What holds in it and its history are forgotten. A meeting in it goes on."
                busy={deed.busy}
                onConfirm={() => void deed.run(() => server.remove(`/rooms/${at(room.id)}`)).then(rooms.again)}
              />,
            ],
          })) ?? null
        }
      />
      {hidden > 0 && <p class="muted small">And {hidden} older ones: the API lists them.</p>}
      <NewRoom server={server} onMade={rooms.again} />
    </Section>
  );
}

function NewRoom({ server, onMade }: { server: Server; onMade: () => void }) {
  const [name, setName] = useState('');
  const [topic, setTopic] = useState('');
  const [guarded, setGuarded] = useState(false);
  const [knocking, setKnocking] = useState(false);
  const [link, setLink] = useState('');
  const deed = useDeed();
  async function submit(event: Event) {
    event.preventDefault();
    const settings: RoomSettings = {
      ...(name.trim() ? { friendly_url: name.trim() } : {}),
      ...(topic.trim() ? { topic: topic.trim() } : {}),
      privacy: guarded ? 'private' : 'public',
      is_locked: knocking,
    };
    const made = await deed.run(async () => {
      const room = await server.post<Room>('/rooms', settings);
      setLink(withSecret(room.link));
    });
    if (!made) return;
    setName('');
    setTopic('');
    onMade();
  }
  return (
    <form class="admin-form admin-inset" onSubmit={submit} noValidate>
      <h3>Make a room</h3>
      <Field
        label="Name"
        hint="3 to 64 of a–z, 0–9 and -. Drawn if it is empty."
        value={name}
        autoComplete="off"
        onInput={setName}
      />
      <Field label="Topic" hint="The server knows it: no secret." value={topic} autoComplete="off" onInput={setTopic} />
      <Check label="Only with a join token" on={guarded} onChange={setGuarded} />
      <Check label="People knock" on={knocking} onChange={setKnocking} />
      <Said refusal={deed.refusal} />
      <Button type="submit" busy={deed.busy}>
        Make it
      </Button>
      {link !== '' && <Copied label="Its link, with a secret drawn in this page and kept nowhere:" value={link} />}
    </form>
  );
}
