/** The call: its name and encryption above, the people, one bar below, at most one panel at the side. */
import { type Signal, useSignal, useSignalEffect } from '@preact/signals';
import { useCallback, useMemo } from 'preact/hooks';
import type { Meeting } from '../../call/view.ts';
import { CaptionsShown } from '../captions/captions_shown.tsx';
import { Draft } from '../chat/draft.ts';
import { Unread } from '../chat/unread.ts';
import { Icon } from '../icons.tsx';
import { useLines } from '../notify/use_lines.ts';
import { useSpeaker } from '../notify/use_speaker.ts';
import { ReactionsTold } from '../reactions/floating.tsx';
import type { Recorder } from '../recording/recorder.ts';
import { OthersRecord, RecorderLine } from '../recording/recorder_line.tsx';
import { text } from '../strings/text.ts';
import { LookAt } from '../view/look_at.ts';
import { Bar } from './bar.tsx';
import { copyLink } from './copy_link.ts';
import { EncryptionBadge } from './encryption_badge.tsx';
import { type PanelName, Panels } from './panels.tsx';
import { Sounds } from './sounds.tsx';
import { Stage } from './stage.tsx';
import { Toaster } from './toaster.tsx';
import { SoundBlocked, Told } from './told.tsx';
import { useKeyboard } from './use_keyboard.ts';
import type { Seen } from './use_seen.ts';
import { useToasts } from './use_toasts.ts';
import './call_screen.css';

interface CallScreenProps {
  meeting: Meeting;
  recorder: Recorder;
  /** Which panel is open, where somebody else opens some too. */
  panel?: Signal<PanelName | null> | undefined;
}

export function CallScreen({ meeting, recorder, panel: given }: CallScreenProps) {
  const own = useSignal<PanelName | null>(null);
  const panel = given ?? own;
  const talking = useSignal(false);
  const blocked = useSignal(false);
  const attempt = useSignal(0);
  const draft = useMemo(() => new Draft(meeting), [meeting]);
  const unread = useMemo(() => new Unread(meeting.chat), [meeting]);
  const looked = useSignal<string | null>(null);
  const open = (name: PanelName | null) => {
    panel.value = name;
  };
  const toasts = useToasts(meeting, { shown: () => panel.peek() === 'polls', show: () => open('polls') });
  useLines(meeting, () => panel.peek() === 'chat');
  useSpeaker(meeting.devices);
  const copy = () => void copyLink(meeting, toasts);
  const toggle = (name: PanelName) => open(panel.value === name ? null : name);
  const close = () => open(null);
  const lookAt = useCallback((tile: string) => {
    const again = panel.value === 'tile' && looked.value === tile;
    looked.value = tile;
    panel.value = again ? null : 'tile';
  }, []);
  const seen = useCallback<Seen>((tile, size) => meeting.see(tile, size), [meeting]);
  useKeyboard(meeting, {
    toggle,
    close,
    talking: (on) => {
      talking.value = on;
    },
  });
  // What one stopped oneself needs no page that says so.
  useSignalEffect(() => {
    const verification = meeting.verification.value;
    if (verification?.state === 'cancelled' && verification.reason === 'by_us') meeting.closeVerification();
  });

  return (
    <LookAt.Provider value={lookAt}>
      <main class="call">
        <header class="call-top">
          <h1 class="call-name">{meeting.slug}</h1>
          <EncryptionBadge
            encryption={meeting.encryption.value}
            open={panel.value === 'encryption'}
            onToggle={() => toggle('encryption')}
          />
          <button
            type="button"
            class="round call-view"
            aria-label={text('view.title')}
            aria-expanded={panel.value === 'view'}
            aria-controls="view"
            onClick={() => toggle('view')}
          >
            <Icon name="view" />
          </button>
        </header>
        <Told
          meeting={meeting}
          talking={talking.value}
          peopleOpen={panel.value === 'people'}
          inviting={panel.value === 'invite'}
          onPeople={() => open('people')}
          onCopyLink={copy}
        >
          <RecorderLine recorder={recorder} />
          <OthersRecord tiles={meeting.tiles.value} />
        </Told>
        {blocked.value && (
          <SoundBlocked
            onPlay={() => {
              blocked.value = false;
              attempt.value++;
            }}
          />
        )}
        <div class="call-middle">
          <div class="call-stage">
            <Stage meeting={meeting} onSeen={seen} />
            <CaptionsShown captions={meeting.captions} />
          </div>
          <Panels
            open={panel.value}
            meeting={meeting}
            draft={draft}
            unread={unread}
            recorder={recorder}
            looked={looked.value}
            onCopyLink={copy}
            onOpen={open}
            onClose={close}
          />
          <Toaster toasts={toasts} />
        </div>
        <Bar meeting={meeting} unread={unread.count} open={panel.value} onToggle={toggle} />
        <ReactionsTold reactions={meeting.reactions.value} />
        <Sounds
          meeting={meeting}
          attempt={attempt.value}
          onBlocked={() => {
            blocked.value = true;
          }}
        />
      </main>
    </LookAt.Provider>
  );
}
