/** What is seen behind one: the room, the room blurred, or a picture from this device. */
import { useRef, useState } from 'preact/hooks';
import type { Background, DevicesView } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { Choice } from '../controls/choice.tsx';
import { text } from '../strings/text.ts';

export function BackgroundChoice({ devices }: { devices: DevicesView }) {
  const file = useRef<HTMLInputElement>(null);
  const [refused, setRefused] = useState(false);
  if (!devices.can.hideBackground) return <p class="muted small">{text('settings.background.unable')}</p>;

  const set = (background: Background, picture?: File) => {
    setRefused(false);
    devices.setBackground(background, picture).catch(() => setRefused(true));
  };
  const pictured = devices.pictured.value;
  const kinds: Background[] = ['none', 'blur'];
  if (pictured || devices.background.value === 'image') kinds.push('image');
  return (
    <div class="settings-group">
      <Choice
        label={text('settings.background')}
        options={kinds.map((kind) => ({ value: kind, label: text(`settings.background.${kind}`) }))}
        value={devices.background.value}
        onChange={(kind) => set(kind as Background)}
      />
      <Button onClick={() => file.current?.click()}>{text('settings.background.choose')}</Button>
      <input
        ref={file}
        type="file"
        accept="image/*"
        hidden
        aria-label={text('settings.background.choose')}
        onChange={(event) => {
          const [picture] = event.currentTarget.files ?? [];
          event.currentTarget.value = ''; // the same file may be chosen again
          if (picture) set('image', picture);
        }}
      />
      {pictured && (
        <Button weight="plain" onClick={() => devices.forgetPicture()}>
          {text('settings.background.forget')}
        </Button>
      )}
      <p class="muted small" role="status">
        {told(refused, devices)}
      </p>
      {pictured && <p class="muted small">{text('settings.background.kept')}</p>}
    </div>
  );
}

function told(refused: boolean, devices: DevicesView): string {
  if (refused) return text('settings.background.no_picture');
  const state = devices.backgroundState.value;
  if (devices.background.value === 'none' || state === 'off' || state === 'on') return text('settings.background.hint');
  return text(`settings.background.${state}`);
}
