// The meeting's secret: whoever is here longest makes it, and hands it to those who ask and may have it. It goes from client to client,
// encrypted for their devices; no server and no bot is sent it.
import type { Mailing, MatrixClient } from './matrix.ts';
import { SECRET, SECRET_REQUEST } from './matrix.ts';
import type { Membership, Memberships } from './memberships.ts';
import { type MatrixDevice, request, secretFor, type Whereabouts } from './parcels.ts';

export const ASK_EVERY_MS = 3_000; // first the oldest, then everybody
export const GIVE_UP_MS = 15_000;
export const ELDEST_MS = 2_000;
const MOST_ASKING = 64;

export interface SecretParts {
  client: Pick<MatrixClient, 'sendToDevice'>;
  memberships: Memberships;
  here: Whereabouts;
  own: MatrixDevice;
  /** Who may not have it: the server's bot. */
  withheld(user: string): boolean;
  /** Ours, while we are in the call; '' before. */
  held(): Promise<string>;
}

/** Nobody gave it, though others are in the call. */
export class NoSecretError extends Error {
  override name = 'NoSecretError';
}

export class SecretExchange {
  private readonly parts: SecretParts;
  private readonly asked = new Set<string>();
  private readonly asking: MatrixDevice[] = [];
  private given: ((secret: string) => void) | null = null;

  constructor(parts: SecretParts) {
    this.parts = parts;
  }

  /** Null where it is for us to make: nobody who is here has it, and nobody was here before us. Our own membership is known by now. */
  async obtain(): Promise<string | null> {
    const first = this.others();
    if (first.length === 0) return null;
    const answer = new Promise<string>((resolve) => {
      this.given = resolve;
    });
    const eldest = this.eldest();
    const timers: ReturnType<typeof setTimeout>[] = [];
    try {
      // Those who came after us may have made it before they saw us.
      await this.ask(eldest ? first : first.slice(0, 1));
      const silence = new Promise<null>((resolve, reject) => {
        const giveUp = () =>
          this.eldest() ? resolve(null) : reject(new NoSecretError('nobody in the call gave its secret'));
        timers.push(setTimeout(giveUp, eldest ? ELDEST_MS : GIVE_UP_MS));
        const again = () => {
          const others = this.others();
          if (others.length === 0) return resolve(null); // those who were here have gone
          void this.ask(others).catch(() => {});
        };
        timers.push(setInterval(again, ASK_EVERY_MS));
      });
      return await Promise.race([answer, silence]);
    } finally {
      for (const timer of timers) clearTimeout(timer);
      this.given = null;
      this.asked.clear();
    }
  }

  /** Only of those whom we asked, and only while we wait. */
  came(sender: MatrixDevice, secret: string): boolean {
    if (!this.given || !this.asked.has(name(sender))) return false;
    this.given(secret);
    return true;
  }

  /** Somebody who may know asks for it; those who ask before we have it get it then. */
  async requested(by: MatrixDevice): Promise<boolean> {
    const { client, here, own, held, withheld } = this.parts;
    if (withheld(by.user)) return false;
    const secret = await held();
    if (secret === '') {
      if (this.asking.length < MOST_ASKING) this.asking.push(by);
      return false;
    }
    await client.sendToDevice(SECRET, { [by.user]: { [by.device]: secretFor(here, own, secret) } });
    return true;
  }

  /** We have it. */
  async answer(): Promise<void> {
    for (const by of this.asking.splice(0)) await this.requested(by).catch(() => {}); // they ask again
  }

  private async ask(others: Membership[]): Promise<void> {
    const { client, here, own } = this.parts;
    const mail: Mailing = {};
    for (const other of others) {
      this.asked.add(name(other));
      mail[other.user] = { ...mail[other.user], [other.device]: request(here, own) };
    }
    await client.sendToDevice(SECRET_REQUEST, mail);
  }

  private others(): Membership[] {
    const { memberships, own, withheld } = this.parts;
    return memberships.standing().filter((other) => !sameDevice(other, own) && !withheld(other.user));
  }

  private eldest(): boolean {
    const { memberships, own, withheld } = this.parts;
    const oldest = memberships.standing().find(({ user }) => !withheld(user));
    return oldest !== undefined && sameDevice(oldest, own);
  }
}

function sameDevice(a: MatrixDevice, b: MatrixDevice): boolean {
  return a.user === b.user && a.device === b.device;
}

function name({ user, device }: MatrixDevice): string {
  return `${user}|${device}`;
}
