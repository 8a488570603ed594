// How long each has spoken, counted here and told to nobody. Who left stays in the list.
import type { TileView } from './view.ts';

export interface SpokenView {
  key: string;
  name: string;
  self: boolean;
  /** False once they have left. */
  here: boolean;
  speaking: boolean;
  ms: number;
}

interface Speaker extends Omit<SpokenView, 'speaking'> {
  since: number | null; // speaking, from then on
}

const GONE_LIMIT = 100; // of those who left; the ones who spoke least are forgotten first

export class Spoken {
  private readonly all = new Map<string, Speaker>();
  private readonly now: () => number; // ms

  constructor(now: () => number) {
    this.now = now;
  }

  /** Takes note of who is here and speaks now. */
  hear(tiles: readonly TileView[]): void {
    const here = new Set<string>();
    for (const { key, kind, name, self, speaking } of tiles) {
      if (kind !== 'camera') continue;
      here.add(key);
      const speaker = this.all.get(key) ?? { key, name, self, here: true, ms: 0, since: null };
      this.all.set(key, { ...this.counted(speaker, speaking), name, here: true });
    }
    for (const [key, speaker] of this.all) {
      if (here.has(key) || !speaker.here) continue;
      const gone = { ...this.counted(speaker, false), here: false };
      if (gone.ms > 0) this.all.set(key, gone);
      else this.all.delete(key);
    }
    this.forgetSome();
  }

  /** Whoever spoke most comes first. */
  list(): SpokenView[] {
    const now = this.now();
    const views = [...this.all.values()].map(({ since, ms, ...speaker }) => ({
      ...speaker,
      speaking: since !== null,
      ms: ms + (since === null ? 0 : now - since),
    }));
    return views.sort((a, b) => b.ms - a.ms);
  }

  clear(): void {
    this.all.clear();
  }

  private counted(speaker: Speaker, speaking: boolean): Speaker {
    const now = this.now();
    if (speaking) return { ...speaker, since: speaker.since ?? now };
    return { ...speaker, since: null, ms: speaker.ms + (speaker.since === null ? 0 : now - speaker.since) };
  }

  private forgetSome(): void {
    const gone = [...this.all.values()].filter(({ here }) => !here).sort((a, b) => b.ms - a.ms);
    for (const { key } of gone.slice(GONE_LIMIT)) this.all.delete(key);
  }
}
