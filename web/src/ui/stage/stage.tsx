/** The people: a grid of equal tiles, or what somebody shares in large with the people in a strip. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { TileView } from '../../call/view';
import { text } from '../strings/text';
import { type Area, gridLayout, stableOrder } from './layout';
import { Tile } from './tile';
import './stage.css';

export function Stage({ tiles }: { tiles: TileView[] }) {
  const ordered = useStableOrder(tiles);
  // One's own screen is not shown large: a screen that shows itself only makes a tunnel.
  const screens = ordered.filter((tile) => tile.kind === 'screen' && !tile.self);
  if (screens.length === 0) return <Grid tiles={ordered} label={text('call.stage')} />;
  const people = ordered.filter((tile) => !screens.includes(tile));
  return (
    <div class="stage-screens">
      <Grid tiles={screens} label={text('call.stage')} />
      <ul class="strip" aria-label={text('call.strip')}>
        {people.map((tile) => (
          <li key={tile.key}>
            <Tile tile={tile} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Grid({ tiles, label }: { tiles: TileView[]; label: string }) {
  const grid = useRef<HTMLUListElement>(null);
  const { area, gap } = useArea(grid);
  const { tileWidth } = gridLayout(tiles.length, area, gap);
  return (
    <ul ref={grid} class="grid" aria-label={label} style={{ '--tile-width': `${tileWidth}px` }}>
      {tiles.map((tile) => (
        <li key={tile.key}>
          <Tile tile={tile} />
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
