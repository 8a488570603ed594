/** What this browser and this network can do, in plain words; looked at when somebody wants to know. */
import { useState } from 'preact/hooks';
import type { NetworkCheck, Problem } from '../../call/view.ts';
import { Icon } from '../icons.tsx';
import { problemWords } from '../strings/problem.ts';
import { text } from '../strings/text.ts';
import { type DeviceTrouble, troubleWords } from './trouble.ts';
import './check_up.css';

interface CheckUpProps {
  /** What is in the way of joining, as the meeting said. */
  obstacle: Problem | null;
  trouble: DeviceTrouble | null;
  check: () => Promise<NetworkCheck>;
}

export function CheckUp({ obstacle, trouble, check }: CheckUpProps) {
  const [network, setNetwork] = useState<NetworkCheck | null>(null);
  return (
    <details class="advanced" onToggle={(event) => event.currentTarget.open && void check().then(setNetwork)}>
      <summary>
        <span>{text('check.title')}</span>
        <Icon name="chevron" small />
      </summary>
      <ul class="check-up" aria-busy={network === null}>
        <Row good={obstacle === null} words={obstacle ? said(problemWords(obstacle)) : text('check.encryption.good')} />
        <Row good={trouble === null} words={trouble ? said(troubleWords(trouble)) : text('check.devices.good')} />
        {network === null ? (
          <li class="muted">{text('check.network.busy')}</li>
        ) : (
          <>
            <Row
              good={network.answerMs !== null}
              words={
                network.answerMs === null
                  ? text('check.server.bad')
                  : text('check.server.good', { ms: network.answerMs })
              }
            />
            <Row good={network.signalling} words={text(`check.signalling.${network.signalling ? 'good' : 'bad'}`)} />
            <Row good={network.media} words={text(`check.media.${network.media ? 'good' : 'bad'}`)} />
          </>
        )}
      </ul>
    </details>
  );
}

function Row({ good, words }: { good: boolean; words: string }) {
  return (
    <li class={good ? 'check-row' : 'check-row check-bad'}>
      <Icon name={good ? 'done' : 'alert'} small />
      <span>{words}</span>
    </li>
  );
}

function said({ message, hint }: { message: string; hint?: string }): string {
  return hint ? `${message} ${hint}` : message;
}
