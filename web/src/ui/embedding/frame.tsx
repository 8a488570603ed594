/** The page in a frame of somebody else's: waits for that page to say what it wants, then is a room as ever, and tells it. */
import { effect, type ReadonlySignal, signal } from '@preact/signals';
import { render } from 'preact';
import { Link, slugOf, type WholeLink } from '../../call/link.ts';
import { openMeeting } from '../../call/meeting.ts';
import { RoomLink } from '../../call/room_link.ts';
import { keepWith, tabStorage } from '../../call/stored.ts';
import type { Meeting } from '../../call/view.ts';
import { Recorder } from '../recording/recorder.ts';
import { recorderParts } from '../recording/studio.ts';
import { Room, Starting } from '../room.tsx';
import type { PanelName } from '../stage/panels.tsx';
import { obey } from './commands.ts';
import { changes, look, mirrorOf } from './events.ts';
import type { Host, Line } from './host.ts';
import { Opening } from './opening.ts';
import type { Wishes } from './protocol.ts';
import { refused } from './wishes.ts';
import '../tokens.css';
import '../base.css';

export async function showRoom(root: Element, host: Host): Promise<void> {
  render(<Starting />, root);
  const { wishes, line } = await host.connected();
  keepWith(wishes.kept, (kept) => line.tell({ type: 'kept', kept }));
  const link = linkOf(wishes);
  const meeting = openMeeting(location, link);
  const recorder = new Recorder(recorderParts(meeting));
  const panel = signal<PanelName | null>(null);
  const name = signal(wishes.name);
  const opening = new Opening(meeting);
  const engine = async () => {
    const wrong = await meeting.prepare();
    if (wrong || !(link instanceof RoomLink) || !link.engine) throw new Error(wrong?.message ?? 'no keys are set here');
    return link.engine;
  };
  line.obey((command) => obey({ meeting, recorder, panel, name, opening, engine, keys: wishes.keys }, command));
  const { join } = wishes;
  const ready = opening.look(); // at once: the engine takes its time
  for (const message of await refused(meeting, wishes)) {
    const error = { name: 'option_refused', message, isFatal: false };
    line.tell({ type: 'event', name: 'errorOccurred', data: { error } });
  }
  tellAll(meeting, opening.asking, line);
  if (join) await ready; // who must still give the secret needs the lobby
  const away = () => line.tell({ type: 'event', name: 'readyToClose', data: {} }); // where to is for the page to say
  const Embedded = () => (
    <Room
      key={opening.opened.value}
      meeting={meeting}
      recorder={recorder}
      panel={panel}
      direct={join && name.value && !opening.asking.value ? { name: name.value, ...join } : undefined}
      origin={location.origin}
      codec={null}
      name={name.value || undefined}
      go={(href) => opening.follow(href) || away()}
      reload={() => location.reload()}
      newMeeting={away}
    />
  );
  render(<Embedded />, root);
}

/** The secret came over the line: it stands in no address. A breakout room has its own, as in any page; older scripts name none. */
function linkOf({ secret, keys, room, token }: Wishes): WholeLink {
  const { origin, pathname, search } = location;
  const hash = secret && (!room || slugOf(pathname) === room) ? `#${secret}` : '';
  const link = keys
    ? new RoomLink({ origin, pathname, hash }, keys)
    : new Link({ origin, pathname, search, hash: hash || location.hash }, tabStorage());
  if (token !== '') link.token = token;
  return link;
}

function tellAll(meeting: Meeting, asking: ReadonlySignal<boolean>, line: Line): void {
  let before = look(meeting, false);
  let told = '';
  let soon = false;
  const tell = () => {
    soon = false;
    const now = look(meeting, asking.value);
    const mirror = mirrorOf(now);
    const text = JSON.stringify(mirror);
    if (text !== told) line.tell({ type: 'mirror', mirror });
    told = text;
    for (const { name, data } of changes(before, now)) line.tell({ type: 'event', name, data });
    before = now;
  };
  effect(() => {
    look(meeting, asking.value);
    if (!soon) queueMicrotask(tell); // what changes in one go is told in one, a problem with the end that it brings
    soon = true;
  });
}
