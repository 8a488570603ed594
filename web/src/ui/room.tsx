/** One meeting from the lobby to the last page, by its phase. */
import type { Signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { JoinOptions, Meeting, VideoCodec } from '../call/view.ts';
import { Ended } from './ending/ended.tsx';
import { Failed } from './ending/failed.tsx';
import { Left } from './ending/left.tsx';
import { Removed } from './ending/removed.tsx';
import { Lobby } from './lobby/lobby.tsx';
import { Waiting } from './moderation/waiting.tsx';
import type { Recorder } from './recording/recorder.ts';
import { RecorderLine } from './recording/recorder_line.tsx';
import { useRecorder } from './recording/use_recorder.ts';
import { CallScreen } from './stage/call_screen.tsx';
import type { PanelName } from './stage/panels.tsx';
import { text } from './strings/text.ts';

interface RoomProps {
  meeting: Meeting;
  /** Of whoever has the room in a frame, and may open panels and record. */
  recorder?: Recorder;
  panel?: Signal<PanelName | null>;
  /** Joins with these, without the lobby. */
  direct?: JoinOptions | undefined;
  origin: string;
  codec: VideoCodec | null;
  /** What to begin with as one's name; else the one used last. */
  name?: string | undefined;
  go: (href: string) => void;
  reload: () => void;
  newMeeting: () => void;
}

export function Room({
  meeting,
  recorder: given,
  panel,
  direct,
  origin,
  codec,
  name,
  go,
  reload,
  newMeeting,
}: RoomProps) {
  const [entry, setEntry] = useState<'asking' | 'lobby' | 'resumed'>('asking');
  const [again, setAgain] = useState(false);
  const recorder = useRecorder(meeting, given);
  const phase = meeting.phase.value;
  const removed = meeting.problem.value?.code === 'removed';
  const why = meeting.problem.value?.code;
  const ended = why === 'call_ended' || why === 'time_over';

  useEffect(() => {
    document.title = `${meeting.slug} · ${text('app.name')}`;
    meeting.resumeAfterReload().then(
      (resumed) => {
        setEntry(resumed || direct ? 'resumed' : 'lobby');
        if (!resumed && direct) void meeting.join(direct);
      },
      () => setEntry('lobby'),
    );
  }, [meeting]);

  useEffect(() => {
    if (phase === 'in_call') setAgain(false);
  }, [phase]);

  const recorded = <RecorderLine recorder={recorder} />;
  const lobby = <Lobby meeting={meeting} origin={origin} codec={codec} name={name} go={go} />;
  switch (phase) {
    case 'in_call':
    case 'reconnecting':
      return <CallScreen meeting={meeting} recorder={recorder} panel={panel} />;
    case 'left':
      if (removed) return <Removed recorded={recorded} onNew={newMeeting} />;
      return again ? lobby : <Left recorded={recorded} onAgain={() => setAgain(true)} onNew={newMeeting} />;
    case 'failed':
      if (removed) return <Removed recorded={recorded} onNew={newMeeting} />;
      if (ended) return <Ended timeOver={why === 'time_over'} recorded={recorded} onNew={newMeeting} />;
      return (
        <Failed
          slug={meeting.slug}
          problem={meeting.problem.value}
          recorded={recorded}
          onAgain={reload}
          onHome={() => go('/')}
          go={go}
        />
      );
    case 'lobby':
    case 'connecting':
      if (meeting.moderation.waiting.value) return <Waiting meeting={meeting} />;
      return again || entry === 'lobby' ? lobby : <Starting />;
  }
}

export function Starting({ words }: { words?: string }) {
  return (
    <main class="notice-page" aria-busy="true">
      <p role="status" aria-label={text('app.name')}>
        {words ?? text('app.starting')}
      </p>
    </main>
  );
}
