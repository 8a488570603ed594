/** Equal tiles, as large as they can be; above a screenful in pages, of which one is there. */
import type { ComponentChild } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { TileView } from '../../call/view.ts';
import { type Area, gridLayout, pageOf, pageSize, TILE_RATIO } from './layout.ts';
import { Pager } from './pager.tsx';

interface GridProps {
  tiles: TileView[];
  label: string;
  /** A single screen keeps its own shape: no bars beside it, nothing cut off. */
  ownRatio?: boolean;
  draw: (tile: TileView, onRatio?: (ratio: number) => void) => ComponentChild;
}

export function Grid({ tiles, label, ownRatio = false, draw }: GridProps) {
  const grid = useRef<HTMLUListElement>(null);
  const [pictureRatio, setPictureRatio] = useState(TILE_RATIO);
  const [wanted, turn] = useState(0);
  const ratio = ownRatio ? pictureRatio : TILE_RATIO;
  const { area, gap } = useArea(grid);
  const size = pageSize(area, gap, ratio);
  const { index, count, shown } = pageOf(tiles, size, wanted);
  // Tiles of a last page that is not full are as large as those of the others.
  const { tileWidth } = gridLayout(count > 1 ? size : shown.length, area, gap, ratio);
  const elsewhere = tiles.find((tile) => tile.speaking && !tile.self && !shown.includes(tile));
  return (
    <div class="pages">
      <ul
        ref={grid}
        class="grid"
        aria-label={label}
        style={{ '--tile-width': `${tileWidth}px`, '--tile-ratio': ratio }}
      >
        {shown.map((tile) => (
          <li key={tile.key}>{draw(tile, ownRatio ? setPictureRatio : undefined)}</li>
        ))}
      </ul>
      {count > 1 && (
        <Pager
          index={index}
          count={count}
          elsewhere={elsewhere}
          onTurn={turn}
          onFind={(tile) => turn(Math.floor(tiles.indexOf(tile) / size))}
        />
      )}
    </div>
  );
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
