/** One's own picture over the others: dragged to a corner, or sent to the next one by its button. */
import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Icon } from '../icons.tsx';
import { text } from '../strings/text.ts';
import { nearestCorner, nextCorner, selfCorner, setSelfCorner } from './self_place.ts';
import './self_corner.css';

interface Point {
  x: number;
  y: number;
}

export function SelfCorner({ children }: { children: ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  const from = useRef<Point | null>(null);
  const [moved, move] = useState<Point | null>(null);

  const begin = (event: PointerEvent) => {
    if (event.button !== 0 || (event.target as Element).closest('button')) return;
    from.current = { x: event.clientX, y: event.clientY };
    box.current?.setPointerCapture(event.pointerId);
  };
  const follow = ({ clientX, clientY }: PointerEvent) => {
    if (from.current) move({ x: clientX - from.current.x, y: clientY - from.current.y });
  };
  const end = () => {
    if (moved) setSelfCorner(cornerOf(box.current));
    cancel();
  };
  const cancel = () => {
    from.current = null;
    move(null);
  };

  return (
    <div
      ref={box}
      class={`self-corner self-${selfCorner.value}`}
      style={moved ? { transform: `translate(${moved.x}px, ${moved.y}px)` } : { transform: 'none' }}
      onPointerDown={begin}
      onPointerMove={follow}
      onPointerUp={end}
      onPointerCancel={cancel}
    >
      {children}
      <button
        type="button"
        class="round tile-tool self-move"
        aria-label={text('stage.self.move')}
        onClick={() => setSelfCorner(nextCorner(selfCorner.value))}
      >
        <Icon name="move" />
      </button>
    </div>
  );
}

/** The corner of its stage that the box is nearest to now. */
function cornerOf(box: HTMLElement | null) {
  const stage = box?.parentElement;
  if (!box || !stage) return selfCorner.value;
  const inner = box.getBoundingClientRect();
  const outer = stage.getBoundingClientRect();
  const left = (inner.left + inner.width / 2 - outer.left) / outer.width;
  const inline = getComputedStyle(stage).direction === 'rtl' ? 1 - left : left;
  return nearestCorner(inline, (inner.top + inner.height / 2 - outer.top) / outer.height);
}
