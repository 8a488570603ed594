/** One's own recording in a line above the stage, and what became of it; and who else records. */
import type { TileView } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { Icon } from '../icons.tsx';
import { personName } from '../stage/tile_name.ts';
import { text, textList } from '../strings/text.ts';
import type { Recorder, RecorderState } from './recorder.ts';
import { duration, size } from './words.ts';
import './recording.css';

/** What is happening to the file, in words. */
export function RecorderWords({ state }: { state: RecorderState }) {
  switch (state.phase) {
    case 'idle':
    case 'starting':
      return null;
    case 'failed':
      return <>{text(state.kept ? 'recording.broken' : 'recording.failed', { file: state.name })}</>;
    case 'saved':
      return <>{text('recording.saved', { file: state.name, size: size(state.bytes) })}</>;
    case 'saving':
      return <>{text('recording.saving')}</>;
    case 'recording': {
      const { seconds, bytes } = state;
      return (
        <>
          <Icon name="record" small />
          <span>{text('recording.now')}</span>
          <span class="recording-figures">{duration(seconds)}</span>
          <span class="recording-figures">{size(bytes)}</span>
        </>
      );
    }
  }
}

/** While one records, and until what became of it was read. */
export function RecorderLine({ recorder }: { recorder: Recorder }) {
  const state = recorder.state.value;
  if (state.phase === 'idle' || state.phase === 'starting') return null;
  const over = state.phase === 'saved' || state.phase === 'failed';
  return (
    <section
      class={state.phase === 'failed' ? 'told told-warn recording-words' : 'told recording-words'}
      aria-label={text('recording.title')}
      aria-live={state.phase === 'recording' ? 'off' : undefined} // it counts seconds
    >
      <RecorderWords state={state} />
      {state.phase === 'recording' && <Button onClick={() => void recorder.stop()}>{text('recording.stop')}</Button>}
      {over && <Button onClick={() => recorder.dismiss()}>{text('recording.dismiss')}</Button>}
    </section>
  );
}

/** Who of the others says that they record. */
export function OthersRecord({ tiles }: { tiles: TileView[] }) {
  const names = tiles.filter(({ kind, self, recording }) => kind === 'camera' && !self && recording).map(personName);
  if (names.length === 0) return null;
  return (
    <p class="told recording-words">
      <Icon name="record" small />
      <span>{text('recording.others', { names: textList(names) })}</span>
    </p>
  );
}
