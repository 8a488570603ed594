// An engine that says what a test tells it to, frames whose crypto is a label, and a clock that stands still.
import type { EngineEffect, EngineEvent, RawEngine } from '../../src/worker/engine.ts';
import type { Clock } from '../../src/worker/host.ts';
import type { Device, Pin } from '../../src/worker/messages.ts';
import type { FrameCrypto } from '../../src/worker/ring.ts';
import type { IdentityKeeper } from '../../src/worker/taken_identity.ts';

export const ada: Device = { user: '@ada:x', device: 'ADAADAADAA', join_id: 'AAAA' };
export const ben: Device = { user: '@ben:x', device: 'BENBENBENB', join_id: 'BBBB' };

export class FakeEngine implements RawEngine {
  readonly events: EngineEvent[] = [];
  opened: unknown[] = [];
  closed = 0;
  openEffects: EngineEffect[] = [];
  react: (event: EngineEvent) => EngineEffect[] = () => [];

  newSecret(): string {
    return JSON.stringify({ secret: 'fresh' });
  }

  parseSecret(fragment: string): string {
    return JSON.stringify(fragment === 'good' ? { ok: true } : { error: 'not a secret; hint: copy all of it' });
  }

  newIdentity(): string {
    return JSON.stringify({ identity: 'c2VlZA' });
  }

  open(config: string): string {
    this.opened.push(JSON.parse(config));
    return JSON.stringify({ announcement: { join_id: 'AAAA' }, effects: this.openEffects });
  }

  handle(event: string): string {
    const parsed = JSON.parse(event) as EngineEvent;
    this.events.push(parsed);
    return JSON.stringify({ effects: this.react(parsed) });
  }

  sealKnock(name: string): string {
    return JSON.stringify({ body: btoa(name) });
  }

  openKnock(knock: string): string {
    const { body } = JSON.parse(knock) as { body: string };
    return JSON.stringify(body === '' ? { name: '', ok: false } : { name: atob(body), ok: true });
  }

  close(): string {
    this.closed++;
    return JSON.stringify({ ok: true });
  }

  said(): string[] {
    return this.events.map((e) => ('kid' in e ? `${e.type} ${e.kid}` : e.type));
  }
}

/** Keeps an identity in memory, or nothing at all. */
export class FakeIdentities implements IdentityKeeper {
  own: string | null = null;
  readonly people = new Map<string, Pin>();
  broken = false;

  async look(): Promise<'guest' | 'kept'> {
    this.check();
    return this.own === null ? 'guest' : 'kept';
  }

  async keep(): Promise<string> {
    this.check();
    this.own ??= 'c2VlZA';
    return this.own;
  }

  async pins(): Promise<Pin[]> {
    this.check();
    return [...this.people.values()];
  }

  async pin(pin: Pin): Promise<void> {
    this.check();
    this.people.set(pin.identity, pin);
  }

  async forgetPerson(identity: string): Promise<void> {
    this.people.delete(identity);
  }

  async forget(): Promise<void> {
    this.own = null;
    this.people.clear();
  }

  private check(): void {
    if (this.broken) throw new Error('this browser keeps nothing');
  }
}

/** Sealed bytes are "kid:key:plain", or "kid:key:plain:ctr"; anything else is malformed, another key does not verify. */
export const labels: FrameCrypto = {
  sealer: (kid, key) => ({
    seal: async (_source, _codec, frame) => bytes(`${kid}:${hex(key)}:${new TextDecoder().decode(frame)}`).buffer,
  }),
  opener: () => {
    const keys = new Map<bigint, string>();
    const dropped = new Set<bigint>();
    let order = 0;
    return {
      add: (kid, key) => void keys.set(kid, hex(key)),
      drop: (kid) => {
        keys.delete(kid);
        dropped.add(kid);
      },
      has: (kid) => keys.has(kid),
      async open(_source, _codec, sealed) {
        const [kidText, key, plain, ctr] = new TextDecoder().decode(sealed).split(':');
        if (!kidText || plain === undefined) throw Object.assign(new Error(), { code: 'malformed' });
        const kid = BigInt(kidText);
        if (!keys.has(kid)) throw Object.assign(new Error(), { code: 'unknown_key', kid, dropped: dropped.has(kid) });
        if (keys.get(kid) !== key) throw Object.assign(new Error(), { code: 'authentication', kid });
        return { frame: bytes(plain).buffer, kid, ctr: BigInt(ctr ?? order++) };
      },
    };
  },
};

export class StillClock implements Clock {
  time = 0;
  readonly timers = new Map<number, { at: number; act: () => void }>();
  private next = 1;

  now(): number {
    return this.time;
  }

  date(): number {
    return 1_000_000 + this.time;
  }

  setTimeout(act: () => void, ms: number): unknown {
    this.timers.set(this.next, { at: this.time + ms, act });
    return this.next++;
  }

  clearTimeout(timer: unknown): void {
    this.timers.delete(timer as number);
  }

  pass(ms: number): void {
    this.time += ms;
    for (const [id, { at, act }] of [...this.timers]) {
      if (at > this.time) continue;
      this.timers.delete(id);
      act();
    }
  }
}

export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
}

export function hex(key: Uint8Array): string {
  return [...key].map((b) => b.toString(16).padStart(2, '0')).join('');
}
