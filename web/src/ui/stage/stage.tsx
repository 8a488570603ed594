/** The people: a grid of equal tiles; or what somebody shares, or whom one looks at, in large with the others in a strip. */
import { useRef } from 'preact/hooks';
import { type Meeting, type ReactionView, type TileView, volumeOf } from '../../call/view.ts';
import { samePerson } from '../chat/draft.ts';
import { text } from '../strings/text.ts';
import { arrange } from './arrange.ts';
import { Grid } from './grid.tsx';
import { stableOrder } from './layout.ts';
import { SelfCorner } from './self_corner.tsx';
import { selfPlace } from './self_place.ts';
import { Tile } from './tile.tsx';
import type { Seen } from './use_seen.ts';
import './stage.css';

interface StageProps {
  meeting: Meeting;
  onSeen: Seen;
}

export function Stage({ meeting, onSeen }: StageProps) {
  const { layout, speaker, soundOnly, volumes } = meeting.stage;
  const tiles = useStableOrder(meeting.tiles.value);
  const { large, small, corner } = arrange(tiles, {
    pinned: meeting.pinned.value,
    layout: layout.value,
    speaker: speaker.value,
    self: selfPlace.value,
  });
  const draw = (tile: TileView, onRatio?: (ratio: number) => void) => (
    <Tile
      tile={tile}
      reactions={reactionsOf(tile, meeting.reactions.value)}
      soundOnly={soundOnly.value && !tile.self}
      hushed={volumeOf(volumes.value, tile).muted}
      onSeen={onSeen}
      onRatio={onRatio}
    />
  );
  const self = corner && <SelfCorner>{draw(corner)}</SelfCorner>;
  if (large.length === 0) {
    return (
      <div class="stage">
        <Grid tiles={small} label={text('call.stage')} draw={draw} />
        {self}
      </div>
    );
  }
  const ownRatio = large.length === 1 && large[0]?.kind === 'screen';
  return (
    <div class="stage stage-large">
      <Grid tiles={large} ownRatio={ownRatio} label={text('call.stage')} draw={draw} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard must be able to */}
      <ul class="strip" aria-label={text('call.strip')} tabIndex={0}>
        {small.map((tile) => (
          <li key={tile.key}>{draw(tile)}</li>
        ))}
      </ul>
      {self}
    </div>
  );
}

const NONE: ReactionView[] = [];

/** On a face, not on what it shows. */
function reactionsOf(tile: TileView, reactions: ReactionView[]): ReactionView[] {
  if (tile.kind !== 'camera' || reactions.length === 0) return NONE;
  return reactions.filter(({ from }) => samePerson(from, tile));
}

function useStableOrder(tiles: TileView[]): TileView[] {
  const before = useRef<string[]>([]);
  const byKey = new Map(tiles.map((tile) => [tile.key, tile]));
  before.current = stableOrder(before.current, [...byKey.keys()]);
  return before.current.flatMap((key) => byKey.get(key) ?? []);
}
