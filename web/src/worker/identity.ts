// The device's identity and whom it remembers, in this browser, for those who want that. One worker at a time owns
// them, by a Web Lock: a second tab is another device, and a guest.

import type { Pin } from './messages.ts';
import type { IdentityKeeper } from './taken_identity.ts';

/** What is kept. The seed is as secret as a private key. */
export interface Kept {
  seed: string;
  pins: Pin[];
}

/** Where it is kept, sealed. Each method may reject where the browser keeps nothing. */
export interface IdentityStore {
  load(): Promise<Kept | null>;
  save(kept: Kept): Promise<void>;
  /** Deletes all, the key that it is sealed under too. */
  erase(): Promise<void>;
}

/** Takes the device for this worker, until it ends or calls what is returned; null if another has it. */
export type Own = () => Promise<(() => void) | null>;

/** Rejects where another tab owns the device, or what is kept cannot be read: that is never replaced unasked. */
export class KeptIdentity implements IdentityKeeper {
  private readonly store: IdentityStore;
  private readonly own: Own;
  private readonly make: () => string;
  private release: (() => void) | null = null; // while the device is ours
  private kept: Kept | null = null; // as stored, once it is ours
  private last: Promise<unknown> = Promise.resolve();

  /** `make` draws a new seed. */
  constructor(store: IdentityStore, own: Own, make: () => string) {
    this.store = store;
    this.own = own;
    this.make = make;
  }

  look(): Promise<'guest' | 'kept'> {
    return this.inTurn(async () => ((await this.read()) ? 'kept' : 'guest'));
  }

  keep(): Promise<string> {
    return this.inTurn(async () => {
      if (!(await this.read())) {
        await this.take();
        // Another tab may have kept one, and ended, since we looked.
        if (!(await this.read())) await this.save({ seed: this.make(), pins: [] });
      }
      return (this.kept as Kept).seed;
    });
  }

  pins(): Promise<Pin[]> {
    return this.inTurn(async () => (await this.read())?.pins ?? []);
  }

  pin(pin: Pin): Promise<void> {
    return this.change((pins) => [...pins.filter((p) => p.identity !== pin.identity), pin]);
  }

  forgetPerson(identity: string): Promise<void> {
    return this.change((pins) => pins.filter((p) => p.identity !== identity));
  }

  forget(): Promise<void> {
    return this.inTurn(async () => {
      await this.take();
      await this.store.erase();
      this.kept = null;
      this.release?.();
      this.release = null;
    });
  }

  /** After the identity was forgotten there is nothing to change. */
  private change(how: (pins: Pin[]) => Pin[]): Promise<void> {
    return this.inTurn(async () => {
      const kept = await this.read();
      if (kept) await this.save({ ...kept, pins: how(kept.pins) });
    });
  }

  private async read(): Promise<Kept | null> {
    if (this.kept || !(await this.store.load())) return this.kept;
    await this.take();
    this.kept = await this.store.load(); // as the one who had it before us left it
    return this.kept;
  }

  private async save(kept: Kept): Promise<void> {
    await this.store.save(kept);
    this.kept = kept;
  }

  private async take(): Promise<void> {
    this.release ??= await this.own();
    if (!this.release) throw new Error('another tab is this device');
  }

  /** One thing after the other: two that read, change and write must not meet. */
  private inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.last.then(act);
    this.last = turn.catch(() => {});
    return turn;
  }
}
