/** A file in the chat: what it is, how far it is, and what one can do about it. It is saved, never shown here. */
import { useState } from 'preact/hooks';
import type { FilesView, FileView } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { Icon } from '../icons.tsx';
import { text, textCount } from '../strings/text.ts';
import { type FileFault, faultOf } from './fault.ts';
import { save } from './save.ts';
import { textPercent, textSize } from './size.ts';
import './files.css';

interface FileCardProps {
  files: FilesView;
  file: string;
  name: string;
}

export function FileCard({ files, file, name }: FileCardProps) {
  const view = files.all.value.get(file);
  return (
    <div class="file">
      <p class="file-name">
        <Icon name="file" small />
        <span>{name}</span>
      </p>
      {view ? <Known files={files} view={view} /> : <p class="muted small">{text('files.state.gone')}</p>}
    </div>
  );
}

function Known({ files, view }: { files: FilesView; view: FileView }) {
  const { key, name, size, state } = view;
  const [fault, setFault] = useState<FileFault | null>(null);
  const take = () => {
    try {
      files.take(key);
      setFault(null);
    } catch (error) {
      setFault(faultOf(error));
    }
  };
  const whole = () => {
    const blob = files.whole(key);
    if (blob) save(blob, name);
  };
  return (
    <>
      <p class="muted small">
        {textSize(size)}
        {stateWords(view) && ` · ${stateWords(view)}`}
      </p>
      {state === 'receiving' && <progress value={view.progress} aria-label={text('files.progress', { name })} />}
      {fault && <p class="field-below field-error">{text(`files.error.${fault}`, { name: '', size: '' })}</p>}
      {state === 'offered' && (
        <FileAction label={text('files.take.label', { name })} word={text('files.take')} onClick={take} />
      )}
      {state === 'stalled' && <Button onClick={take}>{text('files.again')}</Button>}
      {state === 'receiving' && <Button onClick={() => files.cancel(key)}>{text('files.stop')}</Button>}
      {state === 'shared' && <Button onClick={() => files.cancel(key)}>{text('files.withdraw')}</Button>}
      {state === 'ready' && (
        <FileAction label={text('files.save.label', { name })} word={text('files.save')} onClick={whole} />
      )}
    </>
  );
}

/** One of several such buttons in the chat: its name says of which file. */
function FileAction({ label, word, onClick }: { label: string; word: string; onClick: () => void }) {
  return (
    <button type="button" class="button button-quiet" aria-label={label} onClick={onClick}>
      <Icon name="download" />
      <span>{word}</span>
    </button>
  );
}

function stateWords({ state, progress, taken, sending }: FileView): string {
  if (state === 'offered') return '';
  if (state === 'receiving') return text('files.state.receiving', { percent: textPercent(progress) });
  if (state !== 'shared') return text(`files.state.${state}`);
  if (sending) return text('files.state.sending');
  return taken > 0 ? textCount('files.taken', taken) : text('files.state.shared');
}
