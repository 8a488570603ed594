// Tells the server what is seen here and how large, so that it sends that and no more. What comes into view is told at
// once; what only changes size, or goes, a moment later and all together.
import { MaxShown, type Rank, type Shown } from '../wire.ts';
import type { Size } from './view.ts';

const WAIT_MS = 200;
/** What a window of its own is sent: it is small, and may be made larger. */
const FLOATING: Size = { width: 640, height: 360 };

/** A video that could be sent, as people.ts knows it. */
export interface Watchable {
  mid: string;
  tile: string; // the key of its tile
  screen: boolean;
  speaking: boolean;
}

/** What the page shows: tiles by key, in pixels of the display. It outlives sessions. */
export class Viewport {
  private readonly sizes = new Map<string, Size>();
  private recorded: ReadonlyMap<string, Size> = new Map();
  private readonly changed: () => void;
  private readonly hushed = new Set<string>(); // by soundKey
  private hidden = false;
  private closed = false;
  private floating: string | null = null;
  private pinned: string | null = null;

  constructor(changed: () => void) {
    this.changed = changed;
  }

  /** A tile is seen in this size, or not at all. */
  see(tile: string, size: Size | null): void {
    if (size) this.sizes.set(tile, { width: Math.round(size.width), height: Math.round(size.height) });
    else this.sizes.delete(tile);
    this.changed();
  }

  /** This tile matters more than others. */
  pin(tile: string | null): void {
    this.pinned = tile;
    this.changed();
  }

  /** These tiles are recorded, in these sizes, wherever the page is. */
  record(tiles: ReadonlyMap<string, Size>): void {
    this.recorded = tiles;
    this.changed();
  }

  /** The whole page is behind something. */
  hide(hidden: boolean): void {
    this.hidden = hidden;
    this.changed();
  }

  /** Pictures are not wanted at all. */
  close(closed: boolean): void {
    this.closed = closed;
    this.changed();
  }

  /** This tile is also seen in a window of its own, which stays when the page is behind something. */
  float(tile: string | null): void {
    if (tile === this.floating) return;
    this.floating = tile;
    this.changed();
  }

  /** Nobody listens to this sound here. */
  hush(sound: string, hushed: boolean): void {
    if (hushed === this.hushed.has(sound)) return;
    if (hushed) this.hushed.add(sound);
    else this.hushed.delete(sound);
    this.changed();
  }

  isHushed(sound: string): boolean {
    return this.hushed.has(sound);
  }

  /** The videos that are seen. */
  shown(watchable: Watchable[]): Shown[] {
    if (this.closed) return [];
    const all = watchable.flatMap(({ mid, tile, screen, speaking }) => {
      const size = this.sizeOf(tile);
      return size ? [{ mid, ...size, rank: rankOf(screen, this.pinned === tile, speaking) }] : [];
    });
    return all.slice(0, MaxShown);
  }

  private sizeOf(tile: string): Size | undefined {
    const inPage = this.hidden ? undefined : this.sizes.get(tile);
    const floating = tile === this.floating ? FLOATING : undefined;
    return larger(larger(inPage, floating), this.recorded.get(tile));
  }
}

function larger(a: Size | undefined, b: Size | undefined): Size | undefined {
  return a && b ? (a.width < b.width ? b : a) : (a ?? b);
}

function rankOf(screen: boolean, pinned: boolean, speaking: boolean): Rank {
  if (screen) return 'screen';
  if (pinned) return 'pinned';
  return speaking ? 'speaker' : 'grid';
}

/** Sends what is shown when that differs from what was sent last. */
export class Showing {
  private sent: string | null = ''; // null: m-lines may have changed hands since
  private seen = new Set<string>(); // as sent
  private next: { videos: Shown[]; silent: string[] } | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly send: (videos: Shown[], silent: string[]) => void;

  constructor(send: (videos: Shown[], silent: string[]) => void) {
    this.send = send;
  }

  want(videos: Shown[], silent: string[]): void {
    this.next = { videos, silent };
    const appears = videos.some(({ mid }) => !this.seen.has(mid));
    if (appears || this.sent === null) return this.flush();
    if (JSON.stringify(this.next) !== this.sent) this.timer ??= setTimeout(() => this.flush(), WAIT_MS);
  }

  /** Nothing was sent yet: until then the server sends everything. */
  get unused(): boolean {
    return this.sent === '';
  }

  /** The server offers something else: what it was told of an m-line may be about another video now. */
  renew(): void {
    if (!this.unused) this.sent = null;
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.next = null;
  }

  private flush(): void {
    const { next } = this;
    this.stop();
    const text = JSON.stringify(next);
    if (!next || text === this.sent) return;
    this.sent = text;
    this.seen = new Set(next.videos.map(({ mid }) => mid));
    this.send(next.videos, next.silent);
  }
}
