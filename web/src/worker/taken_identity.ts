// As whom one takes part: as a guest, or under the identity that this browser keeps, with whom it remembers.
import type { IdentityAction, IdentityState, Pin } from './messages.ts';

/** Keeps who we are, and whom we met, in this browser. Everything rejects where the browser keeps nothing. */
export interface IdentityKeeper {
  look(): Promise<'guest' | 'kept'>;
  /** The identity kept, made and kept first where there is none. */
  keep(): Promise<string>;
  pins(): Promise<Pin[]>;
  pin(pin: Pin): Promise<void>;
  forgetPerson(identity: string): Promise<void>;
  /** Deletes the identity and everybody remembered. */
  forget(): Promise<void>;
}

export class TakenIdentity {
  private readonly keeper: IdentityKeeper;
  private taken: { own: string; pins: Map<string, Pin> } | null = null; // null for a guest

  constructor(keeper: IdentityKeeper) {
    this.keeper = keeper;
  }

  /** What the engine is opened with. */
  get forEngine(): { identity?: string; known?: Pin[] } {
    return this.taken ? { identity: this.taken.own, known: [...this.taken.pins.values()] } : {};
  }

  /** As what the next call is entered. A browser that keeps nothing makes everybody a guest, and says so. */
  async take(action: IdentityAction): Promise<IdentityState> {
    if (action === 'guest' || action === 'forget') this.taken = null;
    try {
      switch (action) {
        case 'look':
          return await this.keeper.look();
        case 'keep': {
          const own = await this.keeper.keep();
          this.taken = { own, pins: new Map((await this.keeper.pins()).map((pin) => [pin.identity, pin])) };
          return 'kept';
        }
        case 'forget':
          await this.keeper.forget();
          return 'guest';
        case 'guest':
          return 'guest';
      }
    } catch {
      this.taken = null;
      return 'unavailable';
    }
  }

  remember(pin: Pin): void {
    if (!this.taken) return;
    this.taken.pins.set(pin.identity, pin);
    this.keeper.pin(pin).catch(() => {}); // it is known for as long as this worker lives
  }

  async forgetPerson(identity: string): Promise<void> {
    this.taken?.pins.delete(identity);
    await this.keeper.forgetPerson(identity);
  }
}
