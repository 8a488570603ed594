/** What the small window shows: whom one pinned, else what is shared, else whoever speaks; and one's microphone. */
import { useEffect } from 'preact/hooks';
import { healthy, type Meeting, type TileView } from '../../call/view.ts';
import { Picture } from '../controls/picture.tsx';
import { Switch } from '../controls/switch.tsx';
import { Icon } from '../icons.tsx';
import { looks, wordsOf } from '../people/states.ts';
import { floated } from '../stage/arrange.ts';
import { avatarGround, initials } from '../stage/initials.ts';
import { personName, tileName } from '../stage/tile_name.ts';
import { text } from '../strings/text.ts';
import './floating.css';

export function FloatingView({ meeting }: { meeting: Meeting }) {
  const tile = floated(meeting.tiles.value, meeting.pinned.value, meeting.stage.speaker.value);
  const key = tile?.key ?? null;
  useEffect(() => meeting.stage.float(key), [meeting, key]);
  return (
    <main class="floating-window" aria-label={text('view.window.title')}>
      {tile ? (
        <div class="floating-tile">
          <Content tile={tile} soundOnly={meeting.stage.soundOnly.value} />
          <p class="tile-caption">
            <span class="tile-name">{tileName(tile)}</span>
          </p>
        </div>
      ) : (
        <p class="floating-tile floating-alone">{text(meeting.matrix ? 'matrix.alone' : 'call.alone')}</p>
      )}
      <Switch
        label={text('call.microphone')}
        on={meeting.mic.value}
        icon="mic"
        iconOff="micOff"
        onChange={(on) => void meeting.setMicrophone(on)}
      />
    </main>
  );
}

function Content({ tile, soundOnly }: { tile: TileView; soundOnly: boolean }) {
  if (!healthy(tile.state)) {
    return (
      <p class="floating-words">
        <Icon name={looks[tile.state].icon} />
        {text(`state.${wordsOf(tile)}`)}
      </p>
    );
  }
  const on = (tile.camera || tile.kind === 'screen') && !soundOnly && !tile.paused && !tile.unplayable;
  if (on && tile.video) return <Picture stream={tile.video} fit="contain" />;
  return (
    <div class="tile-empty" aria-hidden="true">
      <span class={`avatar avatar-${avatarGround(tile.user + tile.device)}`}>{initials(personName(tile))}</span>
    </div>
  );
}
