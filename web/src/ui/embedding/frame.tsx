/** The page in a frame of somebody else's: waits for that page to say what it wants, then is a room as ever, and tells it. */
import { effect, signal } from '@preact/signals';
import { render } from 'preact';
import { Link, type WholeLink } from '../../call/link.ts';
import { openMeeting } from '../../call/meeting.ts';
import { RoomLink } from '../../call/room_link.ts';
import { tabStorage } from '../../call/stored.ts';
import type { Meeting } from '../../call/view.ts';
import { Recorder } from '../recording/recorder.ts';
import { recorderParts } from '../recording/studio.ts';
import { Room, Starting } from '../room.tsx';
import type { PanelName } from '../stage/panels.tsx';
import { obey } from './commands.ts';
import { changes, look, mirrorOf } from './events.ts';
import type { Host, Line } from './host.ts';
import type { Wishes } from './protocol.ts';
import '../tokens.css';
import '../base.css';

export async function showRoom(root: Element, host: Host): Promise<void> {
  render(<Starting />, root);
  const { wishes, line } = await host.connected();
  const link = linkOf(wishes);
  const meeting = openMeeting(location, link);
  const recorder = new Recorder(recorderParts(meeting));
  const panel = signal<PanelName | null>(null);
  const engine = async () => {
    const wrong = await meeting.prepare();
    if (wrong || !(link instanceof RoomLink) || !link.engine) throw new Error(wrong?.message ?? 'no keys are set here');
    return link.engine;
  };
  line.obey((command) => obey({ meeting, recorder, panel, engine, keys: wishes.keys }, command));
  tellAll(meeting, line);
  const away = () => line.tell({ type: 'event', name: 'readyToClose', data: {} }); // where to is for the page to say
  const room = (
    <Room
      meeting={meeting}
      recorder={recorder}
      panel={panel}
      direct={wishes.join && wishes.name ? { name: wishes.name, ...wishes.join } : undefined}
      origin={location.origin}
      codec={null}
      name={wishes.name || undefined}
      go={away}
      reload={() => location.reload()}
      newMeeting={away}
    />
  );
  render(room, root);
}

/** The secret came over the line: it stands in no address. */
function linkOf({ secret, keys }: Wishes): WholeLink {
  const { origin, pathname, search } = location;
  const hash = secret ? `#${secret}` : '';
  if (keys) return new RoomLink({ origin, pathname, hash }, keys);
  return new Link({ origin, pathname, search, hash: hash || location.hash }, tabStorage());
}

function tellAll(meeting: Meeting, line: Line): void {
  let before = look(meeting);
  let told = '';
  effect(() => {
    const now = look(meeting);
    const mirror = mirrorOf(now);
    const text = JSON.stringify(mirror);
    if (text !== told) line.tell({ type: 'mirror', mirror });
    told = text;
    for (const { name, data } of changes(before, now)) line.tell({ type: 'event', name, data });
    before = now;
  });
}
