// How one looks at the meeting and hears it: in a grid or at whoever speaks, with or without pictures, how loud each is.
// All of it stays here. It outlives sessions.
import { type ReadonlySignal, signal } from '@preact/signals';
import { Line } from './line.ts';
import { MutedHint, type MutedHintParts, type MutedHintView } from './muted_hint.ts';
import { type Numbers, numbersOf, type Stat } from './numbers.ts';
import type { Viewport } from './showing.ts';
import { Spoken, type SpokenView } from './spoken.ts';
import type { TileView } from './view.ts';

export type Layout = 'grid' | 'speaker';

/** How loud somebody, or what their screen plays, is here. */
export interface Volume {
  level: number; // 0 to 1
  muted: boolean;
}

export interface StageView {
  readonly layout: ReadonlySignal<Layout>;
  setLayout(layout: Layout): void;
  /** The tile of whoever speaks, or of who spoke last; never one's own. */
  readonly speaker: ReadonlySignal<string | null>;
  /** No pictures are received. */
  readonly soundOnly: ReadonlySignal<boolean>;
  setSoundOnly(on: boolean): void;
  /** By soundKey; who is not in it is as loud as they are. */
  readonly volumes: ReadonlySignal<ReadonlyMap<string, Volume>>;
  setVolume(tile: SoundOf, volume: Volume): void;
  /** How long each has spoken, as of now. */
  spoken(): SpokenView[];
  /** How well a tile's sound and picture get through, since the last time somebody asked about it; null without a call. */
  numbers(tile: TileView): Promise<Numbers | null>;
  /** This tile is also seen in a window of its own, which stays when the page is behind something. */
  float(tile: string | null): void;
  readonly mutedHint: MutedHintView;
}

export interface StageParts {
  viewport: Viewport;
  /** What the browser counts of a tile; null without a call. */
  stats(tile: TileView): Promise<Stat[]> | null;
  /** One's own line became weak, or is well again: `weak` says which. */
  lineChanged(): void;
  muted: MutedHintParts;
}

export type SoundOf = Pick<TileView, 'user' | 'device' | 'kind'>;

/** The same when they come back as the same device. */
export function soundKey({ user, device, kind }: SoundOf): string {
  return `${user}|${device}|${kind}`;
}

const AS_IT_IS: Volume = { level: 1, muted: false };

export function volumeOf(volumes: ReadonlyMap<string, Volume>, tile: SoundOf): Volume {
  return volumes.get(soundKey(tile)) ?? AS_IT_IS;
}

export class Stage implements StageView {
  readonly layout = signal<Layout>('grid');
  readonly speaker = signal<string | null>(null);
  readonly soundOnly = signal(false);
  readonly volumes = signal<ReadonlyMap<string, Volume>>(new Map());
  readonly mutedHint: MutedHint;
  private readonly times = new Spoken(() => performance.now());
  private readonly line: Line;
  private readonly parts: StageParts;
  private asked: { tile: string; stats: Stat[] } | null = null;

  constructor(parts: StageParts) {
    this.parts = parts;
    this.line = new Line(() => parts.lineChanged());
    this.mutedHint = new MutedHint(parts.muted);
  }

  /** A session sends over this. */
  begin(stats: () => Promise<Stat[]>): void {
    this.line.watch(stats);
  }

  /** One's own line carries too little of what one sends. */
  get weak(): boolean {
    return this.line.weak;
  }

  /** Takes note of who is here and who speaks. */
  look(tiles: readonly TileView[]): void {
    this.times.hear(tiles);
    this.speaker.value = nextSpeaker(this.speaker.value, tiles);
  }

  setLayout(layout: Layout): void {
    this.layout.value = layout;
  }

  setSoundOnly(on: boolean): void {
    this.soundOnly.value = on;
    this.parts.viewport.close(on);
  }

  setVolume(tile: SoundOf, { level, muted }: Volume): void {
    const key = soundKey(tile);
    const volumes = new Map(this.volumes.value);
    volumes.set(key, { level: Math.min(1, Math.max(0, level)), muted });
    this.volumes.value = volumes;
    this.parts.viewport.hush(key, muted);
  }

  spoken(): SpokenView[] {
    return this.times.list();
  }

  async numbers(tile: TileView): Promise<Numbers | null> {
    const stats = await this.parts.stats(tile);
    if (!stats) return null;
    const before = this.asked?.tile === tile.key ? this.asked.stats : [];
    this.asked = { tile: tile.key, stats };
    return numbersOf(stats, before);
  }

  float(tile: string | null): void {
    this.parts.viewport.float(tile);
  }

  /** One has left the call. */
  clear(): void {
    this.line.stop();
    this.times.clear();
    this.speaker.value = null;
    this.asked = null;
    this.float(null);
  }
}

/** Whoever is looked at stays until they are silent and another speaks: two who talk at once do not flicker. */
export function nextSpeaker(current: string | null, tiles: readonly TileView[]): string | null {
  const others = tiles.filter(({ kind, self }) => kind === 'camera' && !self);
  const before = others.find(({ key }) => key === current);
  if (before?.speaking) return before.key;
  return (others.find(({ speaking }) => speaking) ?? before ?? others[0])?.key ?? null;
}
