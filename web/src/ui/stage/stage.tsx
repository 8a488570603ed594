/** The people: a grid of equal tiles; or what somebody shares, or whom one wants to see, in large with the others in a strip. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ReactionView, TileView } from '../../call/view.ts';
import { samePerson } from '../chat/draft.ts';
import { text } from '../strings/text.ts';
import { type Area, gridLayout, stableOrder, TILE_RATIO } from './layout.ts';
import { Tile } from './tile.tsx';
import type { Seen } from './use_seen.ts';
import './stage.css';

interface TilesProps {
  tiles: TileView[];
  reactions: ReactionView[];
  onSeen: Seen;
}

/** `pinned` is the key of a tile to show large. */
export function Stage({ tiles, pinned, reactions, onSeen }: TilesProps & { pinned: string | null }) {
  const ordered = useStableOrder(tiles);
  // One's own screen is not shown large: a screen that shows itself only makes a tunnel.
  const large = ordered.filter((tile) => (tile.kind === 'screen' && !tile.self) || tile.key === pinned);
  const grid = { label: text('call.stage'), reactions, onSeen };
  const small = ordered.filter((tile) => !large.includes(tile));
  if (large.length === 0 || small.length === 0) return <Grid tiles={ordered} {...grid} />;
  const ownRatio = large.length === 1 && large[0]?.kind === 'screen';
  return (
    <div class="stage-large">
      <Grid tiles={large} ownRatio={ownRatio} {...grid} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard must be able to */}
      <ul class="strip" aria-label={text('call.strip')} tabIndex={0}>
        {small.map((tile) => (
          <li key={tile.key}>
            <Tile tile={tile} reactions={reactionsOf(tile, reactions)} onSeen={onSeen} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** On a face, not on what it shows. */
function reactionsOf(tile: TileView, reactions: ReactionView[]): ReactionView[] {
  return tile.kind === 'camera' ? reactions.filter(({ from }) => samePerson(from, tile)) : [];
}

interface GridProps extends TilesProps {
  label: string;
  /** A single screen keeps its own shape: no bars beside it, nothing cut off. */
  ownRatio?: boolean;
}

function Grid({ tiles, reactions, onSeen, label, ownRatio = false }: GridProps) {
  const grid = useRef<HTMLUListElement>(null);
  const [pictureRatio, setPictureRatio] = useState(TILE_RATIO);
  const ratio = ownRatio ? pictureRatio : TILE_RATIO;
  const { area, gap } = useArea(grid);
  const { tileWidth } = gridLayout(tiles.length, area, gap, ratio);
  return (
    <ul ref={grid} class="grid" aria-label={label} style={{ '--tile-width': `${tileWidth}px`, '--tile-ratio': ratio }}>
      {tiles.map((tile) => (
        <li key={tile.key}>
          <Tile
            tile={tile}
            reactions={reactionsOf(tile, reactions)}
            onSeen={onSeen}
            {...(ownRatio ? { onRatio: setPictureRatio } : {})}
          />
        </li>
      ))}
    </ul>
  );
}

function useStableOrder(tiles: TileView[]): TileView[] {
  const before = useRef<string[]>([]);
  const byKey = new Map(tiles.map((tile) => [tile.key, tile]));
  before.current = stableOrder(before.current, [...byKey.keys()]);
  return before.current.flatMap((key) => byKey.get(key) ?? []);
}

/** The room there is, followed as it changes, and the gap the style sheet sets. */
function useArea(ref: { readonly current: HTMLElement | null }): { area: Area; gap: number } {
  const [measured, setMeasured] = useState({ area: { width: 0, height: 0 }, gap: 0 });
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => {
      const gap = Number.parseFloat(getComputedStyle(element).columnGap) || 0;
      setMeasured({ area: { width: element.clientWidth, height: element.clientHeight }, gap });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return measured;
}
