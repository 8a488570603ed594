/** What one can do about a tile, here and for oneself only: large, the whole screen, how loud. */
import { healthy, type Meeting, type TileView } from '../../call/view.ts';
import { Action } from '../controls/action.tsx';
import { Panel } from '../stage/panel.tsx';
import { tileName } from '../stage/tile_name.ts';
import { text } from '../strings/text.ts';
import { canLift, lift } from './floating.tsx';
import { canFill, fill, tileElement } from './full_screen.ts';
import { TileNumbers } from './tile_numbers.tsx';
import { VolumeControl } from './volume_control.tsx';

interface TilePanelProps {
  meeting: Meeting;
  /** The key of the tile. */
  looked: string | null;
  onClose: () => void;
}

/** Nothing once the tile is gone. */
export function TilePanel({ meeting, looked, onClose }: TilePanelProps) {
  const tile = meeting.tiles.value.find(({ key }) => key === looked);
  if (!tile) return null;
  return (
    <Panel id="tile" title={tileName(tile)} onClose={onClose}>
      <ul>
        {healthy(tile.state) && (
          <li>
            <Pin meeting={meeting} tile={tile} />
          </li>
        )}
        {canFill() && (
          <li>
            <Action icon="fullScreen" name={text('tile.full')} onClick={() => fill(tileElement(tile.key))} />
          </li>
        )}
        {canLift(tile) && (
          <li>
            <Action icon="window" name={text('tile.window')} onClick={() => void lift(meeting, tile)} />
          </li>
        )}
      </ul>
      <TileNumbers key={tile.key} meeting={meeting} tile={tile} />
      {!tile.self && (tile.kind === 'camera' || tile.audio) && <VolumeControl meeting={meeting} tile={tile} />}
    </Panel>
  );
}

function Pin({ meeting, tile }: { meeting: Meeting; tile: TileView }) {
  const pinned = meeting.pinned.value === tile.key;
  const name = pinned ? 'unpin' : 'pin';
  return (
    <Action
      icon="expand"
      name={text(`people.${name}`)}
      explained={text(`people.${name}.text`)}
      onClick={() => meeting.pin(pinned ? null : tile.key)}
    />
  );
}
