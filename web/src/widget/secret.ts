// The meeting's secret: whoever is here longest makes it, and hands it to those who ask and may have it. It goes from client to client,
// encrypted for their devices; no server and no bot is sent it.
import type { Mailing, MatrixClient } from './matrix.ts';
import { SECRET, SECRET_REQUEST } from './matrix.ts';
import type { Membership, Memberships } from './memberships.ts';
import { type MatrixDevice, request, secretFor, type Whereabouts } from './parcels.ts';

export const ASK_EVERY_MS = 3_000; // first the oldest, then everybody
export const GIVE_UP_MS = 15_000;

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
  private given: ((secret: string) => void) | null = null;

  constructor(parts: SecretParts) {
    this.parts = parts;
  }

  /** Null where it is for us to make: nobody was here before us. Our own membership is known by now. */
  async obtain(): Promise<string | null> {
    const first = this.others();
    if (first.length === 0 || !this.olderThanUs(first)) return null;
    const answer = new Promise<string>((resolve) => {
      this.given = resolve;
    });
    let timer: ReturnType<typeof setInterval> | undefined;
    const end = Date.now() + GIVE_UP_MS;
    try {
      await this.ask(first.slice(0, 1));
      const silence = new Promise<null>((resolve, reject) => {
        timer = setInterval(() => {
          const others = this.others();
          if (others.length === 0) return resolve(null); // those who were here have gone
          if (Date.now() >= end) return reject(new NoSecretError('nobody in the call gave its secret'));
          void this.ask(others).catch(() => {});
        }, ASK_EVERY_MS);
      });
      return await Promise.race([answer, silence]);
    } finally {
      clearInterval(timer);
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

  async requested(by: MatrixDevice): Promise<boolean> {
    const { client, here, own, held, withheld } = this.parts;
    const secret = await held();
    if (secret === '' || withheld(by.user)) return false;
    await client.sendToDevice(SECRET, { [by.user]: { [by.device]: secretFor(here, own, secret) } });
    return true;
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

  private olderThanUs(others: Membership[]): boolean {
    const { memberships, own } = this.parts;
    const all = memberships.standing();
    const [oldest] = all.filter((one) => sameDevice(one, own) || others.includes(one));
    return !oldest || !sameDevice(oldest, own);
  }
}

function sameDevice(a: MatrixDevice, b: MatrixDevice): boolean {
  return a.user === b.user && a.device === b.device;
}

function name({ user, device }: MatrixDevice): string {
  return `${user}|${device}`;
}
