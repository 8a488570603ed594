/** The sheet of keys. */
import { type Key, text } from '../strings/text.ts';
import { Panel } from './panel.tsx';

const rows: [keys: string, meaning: Key][] = [
  ['M', 'shortcuts.mic'],
  ['V', 'shortcuts.camera'],
  ['S', 'shortcuts.screen'],
  [text('shortcuts.key.space'), 'shortcuts.talk'],
  ['?', 'shortcuts.help'],
  [text('shortcuts.key.escape'), 'shortcuts.close'],
];

export function Shortcuts({ onClose }: { onClose: () => void }) {
  return (
    <Panel id="shortcuts" title={text('shortcuts.title')} onClose={onClose}>
      <dl>
        {rows.flatMap(([keys, meaning]) => [
          <dt key={keys}>
            <kbd>{keys}</kbd>
          </dt>,
          <dd key={meaning}>{text(meaning)}</dd>,
        ])}
      </dl>
    </Panel>
  );
}
