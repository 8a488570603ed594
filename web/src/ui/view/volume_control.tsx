/** How loud one of them is here. */
import { useId } from 'preact/hooks';
import { type Meeting, type TileView, volumeOf } from '../../call/view.ts';
import { Switch } from '../controls/switch.tsx';
import { text } from '../strings/text.ts';
import './volume.css';

const STEP = 5; // per cent

export function VolumeControl({ meeting, tile }: { meeting: Meeting; tile: TileView }) {
  const id = useId();
  const { level, muted } = volumeOf(meeting.stage.volumes.value, tile);
  const set = (changes: { level?: number; muted?: boolean }) =>
    meeting.stage.setVolume(tile, { level, muted, ...changes });
  return (
    <section>
      <label class="volume-label" for={id}>
        {text('volume.level')}
      </label>
      <input
        id={id}
        class="volume"
        type="range"
        min={0}
        max={100}
        step={STEP}
        value={Math.round(level * 100)}
        disabled={muted}
        onInput={(event) => set({ level: event.currentTarget.valueAsNumber / 100 })}
      />
      <Switch
        label={text('volume.mute')}
        on={muted}
        icon="soundOff"
        meaning="active"
        onChange={(on) => set({ muted: on })}
      />
      <p class="muted small">{text('volume.hint')}</p>
    </section>
  );
}
