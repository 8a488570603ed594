/** The call: its name and encryption above, the people, one bar below, at most one panel at the side. */
import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Meeting } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { Icon } from '../icons.tsx';
import { problemWords } from '../strings/problem.ts';
import { text } from '../strings/text.ts';
import { Bar } from './bar.tsx';
import { EncryptionBadge, EncryptionPanel } from './encryption.tsx';
import { Shortcuts } from './shortcuts.tsx';
import { Sounds } from './sounds.tsx';
import { Stage } from './stage.tsx';
import { personName } from './tile.tsx';
import { Toaster } from './toaster.tsx';
import { type Clock, Toasts } from './toasts.ts';
import { useKeyboard } from './use_keyboard.ts';
import './call_screen.css';

export type PanelName = 'encryption' | 'shortcuts';

const windowClock: Clock = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export function CallScreen({ meeting }: { meeting: Meeting }) {
  const panel = useSignal<PanelName | null>(null);
  const talking = useSignal(false);
  const blocked = useSignal(false);
  const attempt = useSignal(0);
  const toasts = useToasts(meeting);
  const toggle = (name: PanelName) => {
    panel.value = panel.value === name ? null : name;
  };
  const close = () => {
    panel.value = null;
  };
  useKeyboard(meeting, {
    shortcuts: () => toggle('shortcuts'),
    close,
    talking: (on) => {
      talking.value = on;
    },
  });

  const tiles = meeting.tiles.value;
  const encryption = meeting.encryption.value;
  const alone = meeting.phase.value === 'in_call' && tiles.every((tile) => tile.self);
  const copyLink = () => void copy(meeting, toasts);
  return (
    <main class="call">
      <header class="call-top">
        <h1 class="call-name">{meeting.slug}</h1>
        <EncryptionBadge
          encryption={encryption}
          open={panel.value === 'encryption'}
          onToggle={() => toggle('encryption')}
        />
        <button
          type="button"
          class="round call-help"
          aria-label={text('call.shortcuts')}
          aria-expanded={panel.value === 'shortcuts'}
          aria-controls="shortcuts"
          onClick={() => toggle('shortcuts')}
        >
          <Icon name="keyboard" />
        </button>
      </header>
      <div class="call-told" aria-live="polite">
        {meeting.phase.value === 'reconnecting' && <p class="told told-warn">{text('call.reconnecting')}</p>}
        {talking.value && <p class="told">{text('call.talking')}</p>}
        {alone && <p class="told">{text('call.alone')}</p>}
      </div>
      {blocked.value && (
        <div class="told call-sound">
          <span>{text('call.sound_blocked')}</span>
          <Button
            icon="sound"
            onClick={() => {
              blocked.value = false;
              attempt.value++;
            }}
          >
            {text('call.sound_blocked.action')}
          </Button>
        </div>
      )}
      <div class="call-middle">
        <div class="call-stage">
          <Stage tiles={tiles} />
        </div>
        {panel.value === 'encryption' && (
          <EncryptionPanel
            encryption={encryption}
            tiles={tiles}
            code={meeting.code && (() => meeting.code?.() ?? Promise.reject())}
            onClose={close}
          />
        )}
        {panel.value === 'shortcuts' && <Shortcuts onClose={close} />}
        <Toaster toasts={toasts} />
      </div>
      <Bar meeting={meeting} onCopyLink={copyLink} />
      <Sounds
        tiles={tiles}
        attempt={attempt.value}
        onBlocked={() => {
          blocked.value = true;
        }}
      />
    </main>
  );
}

/** Who comes and goes, and what goes wrong, in passing. */
function useToasts(meeting: Meeting): Toasts {
  const toasts = useMemo(() => new Toasts(windowClock), []);
  useSignalEffect(() => {
    const others = meeting.tiles.value.filter((tile) => tile.kind === 'camera' && !tile.self);
    if (meeting.phase.value === 'in_call') {
      toasts.people(others.map((tile) => ({ key: tile.key, name: personName(tile) })));
    }
  });
  const told = useRef(meeting.problem.value);
  useSignalEffect(() => {
    const problem = meeting.problem.value;
    if (!problem || problem === told.current || meeting.phase.value !== 'in_call') return;
    told.current = problem;
    const { message, hint } = problemWords(problem);
    toasts.say(hint ? `${message} ${hint}` : message);
  });
  useEffect(() => () => toasts.close(), [toasts]);
  return toasts;
}

/** The page no longer has the link: its secret went to the worker. A call that can tell it again is asked for it. */
async function copy(meeting: Meeting, toasts: Toasts): Promise<void> {
  if (!meeting.link) return toasts.say(text('copy.manual'));
  try {
    await navigator.clipboard.writeText(await meeting.link());
    toasts.say(text('copy.done'));
  } catch {
    toasts.say(text('copy.failed'));
  }
}
