/** The page as a widget of a Matrix client: waits for that client, then is a room as ever, whose keys it carries. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import { slugOf } from '../../call/link.ts';
import { openMeeting } from '../../call/meeting.ts';
import type { Meeting, Problem } from '../../call/view.ts';
import { isProblem, type WidgetAddress } from '../../widget/address.ts';
import type { Guard } from '../../widget/guard.ts';
import { Failed } from '../ending/failed.tsx';
import { Room, Starting } from '../room.tsx';
import { speakHere } from '../strings/languages.ts';
import { text } from '../strings/text.ts';
import '../tokens.css';
import '../base.css';

const reload = () => location.reload();

export async function showWidget(root: Element, address: WidgetAddress | Problem, guard: Guard): Promise<void> {
  if (isProblem(address)) return fail(root, address);
  dress(address.theme);
  await speak(address.language);
  const client = new URL(address.parentOrigin).host;
  render(<Starting words={text('matrix.starting', { client })} />, root);
  if (!(await guard.allows())) {
    return fail(root, { code: 'widget_origin', message: `${client} may not show rooms of this server.` });
  }
  await show(root, address, guard);
}

async function show(root: Element, address: WidgetAddress, guard: Guard): Promise<void> {
  const { openWidget } = await import('../../widget/widget.ts');
  let meeting: Meeting | null = null;
  const leave = () => meeting && present(meeting) && meeting.leave();
  const { room, inCall } = await openWidget(
    address,
    { slug: slugOf(location.pathname), origin: location.origin },
    guard,
    { wish: (wish) => wish !== 'join' && leave(), theme: dress, language: (tag) => void speak(tag) },
  );
  const opened = openMeeting(location, room.link, room.keys);
  meeting = opened;
  addEventListener('pagehide', () => room.link.forget());
  let before = false;
  effect(() => {
    const now = present(opened);
    const over = opened.phase.value === 'failed' || opened.phase.value === 'left';
    if (over) room.link.forget(); // however it ended, the room is told
    if (now !== before) void inCall(now);
    before = now;
  });
  render(
    <Room
      meeting={opened}
      origin={location.origin}
      codec={null}
      name={address.name || undefined}
      go={reload}
      reload={reload}
      newMeeting={reload}
    />,
    root,
  );
}

function present({ phase }: Meeting): boolean {
  return phase.value === 'in_call' || phase.value === 'reconnecting';
}

/** As the client looks: Element says light, dark, and names of its own that hold one of the two. */
function dress(theme: string): void {
  const known = /dark|black/i.test(theme) ? 'dark' : /light/i.test(theme) ? 'light' : null;
  if (known) document.documentElement.dataset.theme = known;
}

/** Where we do not speak it, it stays as it is. */
async function speak(tag: string): Promise<void> {
  if (tag !== '') await speakHere(tag).catch(() => {});
}

function fail(root: Element, problem: Problem): void {
  const slug = slugOf(location.pathname);
  render(<Failed slug={slug} problem={problem} recorded={null} onAgain={reload} onHome={reload} go={reload} />, root);
}
