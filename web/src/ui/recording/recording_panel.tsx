/** Recording on this device: what it takes, who is told, and the button. */
import { useState } from 'preact/hooks';
import { Button } from '../controls/button.tsx';
import { Choice } from '../controls/choice.tsx';
import { Panel } from '../stage/panel.tsx';
import { text } from '../strings/text.ts';
import type { Recorder, What } from './recorder.ts';
import { RecorderWords } from './recorder_line.tsx';
import { canRecord } from './studio.ts';
import './recording.css';

const whats: What[] = ['everybody', 'view'];

export function RecordingPanel({ recorder, onClose }: { recorder: Recorder; onClose: () => void }) {
  const [what, setWhat] = useState<What>('everybody');
  const { phase } = recorder.state.value;
  const busy = phase === 'recording' || phase === 'saving';
  return (
    <Panel id="recording" title={text('recording.title')} onClose={onClose}>
      <p>{text('recording.what')}</p>
      <p class="muted">{text('recording.told')}</p>
      {!canRecord() && <p class="told told-warn">{text('recording.unsupported')}</p>}
      {canRecord() && !busy && (
        <>
          <Choice
            label={text('recording.view')}
            options={whats.map((value) => ({ value, label: text(`recording.view.${value}`) }))}
            value={what}
            disabled={phase === 'starting'}
            onChange={(value) => setWhat(value as What)}
          />
          <p class="muted small">{text(`recording.view.${what}.hint`)}</p>
          <Button weight="primary" icon="record" busy={phase === 'starting'} onClick={() => void recorder.start(what)}>
            {text('recording.start')}
          </Button>
        </>
      )}
      {phase !== 'idle' && phase !== 'starting' && (
        <p role="status" class="recording-words">
          <RecorderWords state={recorder.state.value} />
        </p>
      )}
      {phase === 'recording' && (
        <Button icon="stop" onClick={() => void recorder.stop()}>
          {text('recording.stop')}
        </Button>
      )}
      <p class="muted small">{text('recording.limit')}</p>
    </Panel>
  );
}
