// The link of a meeting whose keys the page sets: /r/<slug>, without a secret. What is kept over a reload is nothing; the
// page sets its keys again.
import type { KeySource } from '../worker/messages.ts';
import type { EngineClient } from './engine_client.ts';
import { namesNoRoom, slugOf, type WholeLink } from './link.ts';
import type { Problem } from './view.ts';

export class RoomLink implements WholeLink {
  readonly slug: string;
  token = '';
  private readonly place: { origin: string; pathname: string; hash: string };
  private readonly source: KeySource;
  /** Where keys are handed in; null until the meeting has an engine. */
  engine: EngineClient | null = null;

  constructor(place: { origin: string; pathname: string; hash: string }, source: KeySource) {
    this.place = place;
    this.slug = slugOf(place.pathname);
    this.source = source;
  }

  incomplete(): Problem | null {
    if (this.place.hash.length <= 1) return namesNoRoom(this.slug);
    const message = 'The keys of this meeting are set by the page, but its link has a secret too.';
    return { code: 'two_key_sources', message, hint: 'One or the other: leave out the part behind the # sign.' };
  }

  async handOver(engine: EngineClient): Promise<Problem | null> {
    engine.takeKeysFromOutside(this.source);
    this.engine = engine;
    await engine.ready;
    return engine.trouble;
  }

  async keep(): Promise<void> {}

  change(): void {}

  forget(): void {}

  async url(): Promise<string> {
    return `${this.place.origin}/r/${this.slug}`;
  }
}
