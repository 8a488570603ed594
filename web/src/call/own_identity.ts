// As what one takes part, under an identity that this browser keeps or as a guest; and whom it remembers.
import { signal } from '@preact/signals';
import type { EngineClient } from './engine_client.ts';
import { cleanName } from './profile.ts';

/** What this browser keeps of our identity. */
export type IdentityView = 'guest' | 'kept' | 'unavailable';

/** Somebody remembered. */
export interface KnownPerson {
  identity: string;
  name: string;
  verified: boolean;
  blocked: boolean;
}

export class OwnIdentity {
  readonly view = signal<IdentityView>('guest');

  /** What this browser keeps of us, before one takes part as one or the other. */
  async look(engine: EngineClient | null): Promise<void> {
    if (engine) this.view.value = await engine.identity('look').catch(() => 'unavailable' as const);
  }

  async take(engine: EngineClient, remember: boolean): Promise<void> {
    this.view.value = await engine.identity(remember ? 'keep' : 'guest').catch(() => 'unavailable' as const);
  }

  async forget(engine: EngineClient | null): Promise<void> {
    const identity = (await engine?.identity('forget')) ?? 'unavailable';
    this.view.value = identity;
    if (identity !== 'guest') throw new Error('what this browser keeps could not be deleted');
  }
}

export async function knownPeople(engine: EngineClient | null): Promise<KnownPerson[]> {
  const people = (await engine?.known()) ?? [];
  return people.map(({ identity, name = '', verified = false, blocked = false }) => ({
    identity,
    name: cleanName(name),
    verified,
    blocked,
  }));
}
