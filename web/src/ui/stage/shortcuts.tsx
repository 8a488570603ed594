/** The sheet of keys. */
import { Switch } from '../controls/switch.tsx';
import { type Key, text } from '../strings/text.ts';
import { Panel } from './panel.tsx';
import { setSingleKeys, singleKeys } from './use_keyboard.ts';

const rows = (): [keys: string, meaning: Key][] => [
  ['M', 'shortcuts.mic'],
  ['V', 'shortcuts.camera'],
  ['S', 'shortcuts.screen'],
  ['R', 'shortcuts.hand'],
  ['C', 'shortcuts.chat'],
  ['P', 'shortcuts.people'],
  ['W', 'shortcuts.layout'],
  ['F', 'shortcuts.full'],
  [text('shortcuts.key.space'), 'shortcuts.talk'],
  ['?', 'shortcuts.help'],
  [text('shortcuts.key.escape'), 'shortcuts.close'],
];

export function Shortcuts({ onClose }: { onClose: () => void }) {
  return (
    <Panel id="shortcuts" title={text('shortcuts.title')} onClose={onClose}>
      <dl>
        {rows().flatMap(([keys, meaning]) => [
          <dt key={keys}>
            <kbd>{keys}</kbd>
          </dt>,
          <dd key={meaning}>{text(meaning)}</dd>,
        ])}
      </dl>
      <Switch
        label={text('shortcuts.single')}
        on={singleKeys.value}
        icon="keyboard"
        meaning="active"
        onChange={setSingleKeys}
      />
      <p class="muted small">{text('shortcuts.single.hint')}</p>
    </Panel>
  );
}
