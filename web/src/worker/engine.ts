// The key engine: olmkeys' Agent compiled to WebAssembly. It answers in JSON and never throws; an answer with "error"
// becomes an EngineError here. There is one engine in a worker, and one Agent open in it at a time.
import type { Announcement, Device, KeySource, PageEffect, PageEvent, Pin } from './messages.ts';

/** Every event of the engine: the page's, and those that only the worker can know. */
export type EngineEvent =
  | Exclude<PageEvent, { type: 'remove' }>
  | { type: 'remove'; devices: Device[]; secret?: string } // the new secret, as it stands in a link
  | { type: 'set_key'; user?: string; generation: number; key: string }
  | { type: 'key_wanted'; from: Device; kid: string }
  | { type: 'frame_opened'; from: Device; kid: string }
  | { type: 'frame_failed'; from: Device; kid: string }
  | { type: 'tick' };

/** The effects that stay in the worker: keys, timers, whom to remember. */
export type KeyEffect =
  | { type: 'seal_with'; kid: string; base_key: string }
  | { type: 'open_with'; from: Device; kid: string; base_key: string }
  | { type: 'drop_key'; from: Device; kid: string }
  | { type: 'drop_device'; from: Device }
  | { type: 'wake_at'; time: number }
  | { type: 'pinned'; pin: Pin }
  | { type: 'secret_changed'; secret: string; by: Device };

export type EngineEffect = Exclude<PageEffect, { type: 'secret_changed' }> | KeyEffect;

export interface EngineConfig {
  room: string;
  call: string;
  user: string;
  device: string;
  /** As it stands in the link; none where keys are set from outside. */
  secret?: string;
  keys?: KeySource;
  /** The identity kept, and whom it met; without, one for this call only. */
  identity?: string;
  known?: Pin[];
}

/** What web/wasm puts on the global object. */
export interface RawEngine {
  newSecret(): string;
  parseSecret(fragment: string): string;
  newIdentity(): string;
  open(config: string): string;
  handle(event: string): string;
  sealKnock(name: string): string;
  openKnock(knock: string): string;
  close(): string;
}

export class EngineError extends Error {
  override name = 'EngineError';
}

export class Engine {
  private readonly raw: RawEngine;

  constructor(raw: RawEngine) {
    this.raw = raw;
  }

  newSecret(): string {
    return answer<{ secret: string }>(this.raw.newSecret()).secret;
  }

  /** Throws, with a hint for people, if the fragment is not a meeting's secret. */
  checkSecret(fragment: string): void {
    answer(this.raw.parseSecret(fragment));
  }

  /** The seed of a new identity, in base64: as secret as a private key. */
  newIdentity(): string {
    return answer<{ identity: string }>(this.raw.newIdentity()).identity;
  }

  open(config: EngineConfig): { announcement: Announcement; effects: EngineEffect[] } {
    const opened = answer<{ announcement: Announcement; effects: EngineEffect[] | null }>(
      this.raw.open(JSON.stringify(config)),
    );
    return { announcement: opened.announcement, effects: opened.effects ?? [] };
  }

  handle(event: EngineEvent): EngineEffect[] {
    return answer<{ effects: EngineEffect[] | null }>(this.raw.handle(JSON.stringify(event))).effects ?? [];
  }

  /** The name of who asks to be let in, sealed under the link; '' where there is none. */
  sealKnock(name: string): string {
    return answer<{ body: string }>(this.raw.sealKnock(name)).body;
  }

  /** Null where it was not sealed under our link, or for somebody else. */
  openKnock(knock: { user: string; device: string; body: string }): string | null {
    const { name, ok } = answer<{ name: string; ok: boolean }>(this.raw.openKnock(JSON.stringify(knock)));
    return ok ? name : null;
  }

  close(): void {
    this.raw.close();
  }
}

function answer<T>(json: string): T {
  const value = JSON.parse(json) as T & { error?: string };
  if (value.error !== undefined) throw new EngineError(value.error);
  return value;
}
