/** Where one sees oneself; kept in this browser, or where storage is off, for this page. */
import { signal } from '@preact/signals';

export const SELF_PLACES = ['among', 'corner', 'hidden'] as const;
export type SelfPlace = (typeof SELF_PLACES)[number];

export const CORNERS = ['bottom-end', 'bottom-start', 'top-start', 'top-end'] as const;
export type Corner = (typeof CORNERS)[number];

const PLACE = 'grotto.self-view';
const CORNER = 'grotto.self-corner';

export const selfPlace = signal<SelfPlace>(read(PLACE, SELF_PLACES));
export const selfCorner = signal<Corner>(read(CORNER, CORNERS));

export function setSelfPlace(place: SelfPlace): void {
  selfPlace.value = place;
  store(PLACE, place);
}

export function setSelfCorner(corner: Corner): void {
  selfCorner.value = corner;
  store(CORNER, corner);
}

/** The corner that a point is nearest to, both in fractions of the stage from its start and top. */
export function nearestCorner(inline: number, block: number): Corner {
  return `${block < 0.5 ? 'top' : 'bottom'}-${inline < 0.5 ? 'start' : 'end'}`;
}

/** Around the stage, one corner after the other: for who does not drag. */
export function nextCorner(corner: Corner): Corner {
  return CORNERS[(CORNERS.indexOf(corner) + 1) % CORNERS.length] ?? CORNERS[0];
}

function read<T extends string>(key: string, known: readonly [T, ...T[]]): T {
  try {
    const stored = localStorage.getItem(key);
    return known.find((value) => value === stored) ?? known[0];
  } catch {
    return known[0];
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // It holds until the page is closed.
  }
}
