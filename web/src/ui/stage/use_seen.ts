/** Whether an element is in sight, and how large. */
import { useLayoutEffect } from 'preact/hooks';
import type { Size } from '../../call/view.ts';

/** In pixels of the display; null when no part of it is seen any more. */
export type Seen = (tile: string, size: Size | null) => void;

/** Tells of the element whenever that changes, under the key of its tile. */
export function useSeen(ref: { readonly current: HTMLElement | null }, key: string, seen: Seen): void {
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    let inSight = false;
    const tell = () => {
      const { clientWidth, clientHeight } = element;
      const visible = inSight && clientWidth > 0 && clientHeight > 0;
      const size = { width: clientWidth * devicePixelRatio, height: clientHeight * devicePixelRatio };
      seen(key, visible ? size : null);
    };
    const sight = new IntersectionObserver((entries) => {
      inSight = entries.at(-1)?.isIntersecting ?? false;
      tell();
    });
    const shape = new ResizeObserver(tell);
    sight.observe(element);
    shape.observe(element);
    return () => {
      sight.disconnect();
      shape.disconnect();
      seen(key, null);
    };
  }, [ref, key, seen]);
}
