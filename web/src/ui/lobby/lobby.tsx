/** Before the call: who one is, how one looks, and what is in the way. Nobody is heard or seen from here. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { cleanName, NAME_LIMIT } from '../../call/profile.ts';
import type { JoinOptions, Meeting, Problem, VideoCodec } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { Check } from '../controls/check.tsx';
import { Choice } from '../controls/choice.tsx';
import { Field } from '../controls/field.tsx';
import { Notice } from '../controls/notice.tsx';
import { Icon } from '../icons.tsx';
import { LanguageChoice } from '../language/language_choice.tsx';
import { useSignIn } from '../sign_in/sign_in.ts';
import { problemWords } from '../strings/problem.ts';
import { text } from '../strings/text.ts';
import { CheckUp } from './check_up.tsx';
import { Devices } from './devices.tsx';
import { Incomplete } from './incomplete.tsx';
import { rememberedName, rememberName } from './name.ts';
import { Preview } from './preview.ts';
import { Remember } from './remember.tsx';
import { SelfView } from './self_view.tsx';
import './lobby.css';

interface LobbyProps {
  meeting: Meeting;
  origin: string;
  codec: VideoCodec | null;
  name?: string | undefined;
  go: (href: string) => void;
}

/** Problems that a full link mends. */
const LINK_PROBLEMS = ['no_secret', 'bad_secret', 'no_room'];

export function Lobby({ meeting, origin, codec: preferred, name: given, go }: LobbyProps) {
  const preview = useMemo(() => new Preview(meeting.devices), [meeting]);
  const [attempt, setAttempt] = useState(0);
  const [preparing, setPreparing] = useState(true);
  const [obstacle, setObstacle] = useState<Problem | null>(null);
  const [name, setName] = useState(() => given ?? rememberedName());
  const [nameless, setNameless] = useState(false);
  const [codec, setCodec] = useState<VideoCodec | ''>(preferred ?? '');
  const [wanted, setRemember] = useState<boolean | null>(null);
  // Off until one says so; who is remembered already said so once.
  const remember = wanted ?? meeting.identity.value === 'kept';
  const [keeping, setKeepLink] = useState<boolean | null>(null);
  const keepLink = keeping ?? meeting.kept?.kept.value ?? false;
  useEffect(() => {
    if (given) setName(given); // whoever has the room in a frame may give it later
  }, [given]);
  const matrix = meeting.matrix?.value;
  const offered = useSignIn(meeting.slug);
  const signIn = matrix ? null : offered; // the Matrix client says who we are
  const joining = meeting.phase.value === 'connecting';
  // Joining before the camera has opened would mean joining without it.
  const opening = preview.opening.value;

  useEffect(() => {
    let gone = false;
    setPreparing(true);
    // The camera is asked for only when joining is possible: no prompt on a page that leads nowhere.
    void meeting.prepare().then((problem) => {
      if (gone) return;
      setObstacle(problem);
      setPreparing(false);
      if (problem === null) void preview.start();
    });
    return () => {
      gone = true;
      preview.close();
    };
  }, [meeting, preview, attempt]);

  function asOf(mic: boolean, camera: boolean): JoinOptions | null {
    const clean = cleanName(name);
    if (clean === '') setNameless(true);
    if (clean === '' || preparing || joining || obstacle) return null;
    const options: JoinOptions = { name: clean, mic, camera };
    if (codec) options.codec = codec;
    if (remember) options.remember = true;
    if (meeting.kept) options.keepLink = keepLink;
    return options;
  }

  async function join(event: Event) {
    event.preventDefault();
    const options = opening ? null : asOf(preview.mic.value, preview.camera.value);
    if (!options) return;
    const stream = preview.take();
    if (stream) options.stream = stream;
    await meeting.join(options);
  }

  /** The browser waits for an answer that the person does not want to give, or a device does not come. */
  async function joinWithout() {
    const options = asOf(false, false);
    if (!options) return;
    preview.close();
    await meeting.join(options);
  }

  // What went wrong in a call one has left is not in the way of the next one.
  const problem = obstacle ?? (meeting.phase.value === 'lobby' ? meeting.problem.value : null);
  if (obstacle && LINK_PROBLEMS.includes(obstacle.code)) {
    return (
      <Incomplete
        meeting={meeting}
        origin={origin}
        obstacle={obstacle}
        go={go}
        onOpened={() => setAttempt(attempt + 1)}
      />
    );
  }

  return (
    <main class="lobby">
      <SelfView preview={preview} disabled={obstacle !== null || joining} />
      <form class="lobby-form" onSubmit={join} noValidate>
        <h1>{meeting.slug}</h1>
        {problem && <Notice tone="danger" id="lobby-problem" {...problemWords(problem)} />}
        <Field
          label={text('lobby.name')}
          value={name}
          hint={text('lobby.name.hint')}
          error={nameless ? text('lobby.name.missing') : null}
          maxLength={NAME_LIMIT}
          autoFocus
          autoComplete="name"
          onInput={(typed) => {
            setName(typed);
            setNameless(false);
            rememberName(typed);
          }}
        />
        {matrix && <p class="muted small">{text('matrix.lobby', { user: matrix.user, client: matrix.client })}</p>}
        {!obstacle && <Devices devices={meeting.devices} preview={preview} disabled={joining} />}
        {!obstacle && <Remember meeting={meeting} on={remember} onChange={setRemember} />}
        {!obstacle && meeting.kept && (
          <Check
            label={text('lobby.keep_link')}
            hint={text('lobby.keep_link.hint')}
            on={keepLink}
            onChange={setKeepLink}
          />
        )}
        <Button
          type="submit"
          weight="primary"
          wide
          disabled={obstacle !== null}
          busy={preparing || opening || joining}
          {...(problem ? { describedBy: 'lobby-problem' } : {})}
        >
          {text(joining ? 'lobby.join.busy' : preparing ? 'lobby.preparing' : 'lobby.join')}
        </Button>
        {opening && !joining && (
          <Button weight="plain" wide onClick={() => void joinWithout()}>
            {text('lobby.join.without')}
          </Button>
        )}
        {signIn && !preparing && !joining && (
          <Button weight="plain" wide onClick={() => go(signIn)}>
            {text('lobby.sign_in')}
          </Button>
        )}
        <p class="lobby-promise muted small">
          <Icon name="lock" small />
          <span>{text('lobby.promise')}</span>
        </p>
        <CheckUp obstacle={obstacle} trouble={preview.trouble.value} check={() => meeting.checkNetwork()} />
        <details class="advanced">
          <summary>
            <span>{text('lobby.advanced')}</span>
            <Icon name="chevron" small />
          </summary>
          <Choice
            label={text('lobby.codec')}
            options={[
              { value: '', label: text('lobby.codec.auto') },
              { value: 'vp8', label: text('lobby.codec.vp8') },
              { value: 'vp9', label: text('lobby.codec.vp9') },
              { value: 'av1', label: text('lobby.codec.av1') },
              { value: 'h264', label: text('lobby.codec.h264') },
            ]}
            value={codec}
            onChange={(value) => setCodec(value as VideoCodec | '')}
          />
          <LanguageChoice />
        </details>
      </form>
    </main>
  );
}
