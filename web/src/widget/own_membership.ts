// That we are in the call, said in the Matrix room and taken back. Where the homeserver can send an event later, it takes back for
// us what we cannot: it does so unless we go on asking it not to. Elsewhere a membership that is not renewed ends after ten minutes.
import { type MatrixClient, MEMBERSHIP } from './matrix.ts';
import { membershipContent, membershipKey } from './memberships.ts';
import type { MatrixDevice } from './parcels.ts';

const DELAY_MS = 15_000; // after the last sign of life
const KEEP_MS = 5_000;
const LIFE_MS = 10 * 60_000;
const RENEW_MS = LIFE_MS / 2;

type Client = Pick<MatrixClient, 'sendState' | 'updateDelayed'>;

export class OwnMembership {
  readonly key: string;
  private readonly client: Client;
  private readonly own: MatrixDevice;
  private readonly url: string;
  private readonly now: () => number;
  private delay = '';
  private timer: ReturnType<typeof setInterval> | undefined;
  private began: number | null = null; // null: we are not in the call
  private written = 0;
  private created = 0; // as the homeserver says
  private gone = false; // somebody wrote over it

  constructor(client: Client, own: MatrixDevice, url: string, now: () => number) {
    this.client = client;
    this.own = own;
    this.url = url;
    this.now = now;
    this.key = membershipKey(own.user, own.device);
  }

  /** The leave first: a homeserver that does not wait with it sends it before there is anything to take back. */
  async join(): Promise<void> {
    if (this.began !== null) return;
    this.began = this.now();
    this.created = 0;
    try {
      await this.schedule();
      await this.write();
    } catch (error) {
      this.began = null;
      throw error;
    }
    this.timer = setInterval(() => void this.keep(), KEEP_MS);
  }

  /** What the homeserver has under our key now. */
  came(sender: string, written: number): void {
    if (sender !== this.own.user) this.gone = true;
    else if (this.created === 0) this.created = written;
  }

  /** Says so at once: a page that goes can still hand a message to the window around it. */
  leave(): void {
    if (this.began === null) return;
    this.began = null;
    clearInterval(this.timer);
    const { delay } = this;
    this.delay = '';
    void this.client.sendState(MEMBERSHIP, this.key, {}).catch(() => {}); // it expires
    if (delay !== '') void this.client.updateDelayed(delay, 'cancel').catch(() => {});
  }

  private async write(): Promise<void> {
    const now = this.now();
    this.written = now;
    this.gone = false;
    const content = membershipContent(this.own.user, this.own.device, this.url);
    const since = this.created === 0 ? 0 : now - (this.began ?? now);
    const created = this.created === 0 ? {} : { created_ts: this.created };
    await this.client.sendState(MEMBERSHIP, this.key, { ...content, ...created, expires: since + LIFE_MS });
  }

  private async schedule(): Promise<void> {
    this.delay = await this.client.sendState(MEMBERSHIP, this.key, {}, DELAY_MS).catch(() => '');
  }

  private async keep(): Promise<void> {
    if (this.delay !== '') {
      const stays = await this.client.updateDelayed(this.delay, 'restart').then(
        () => true,
        () => false, // it was sent meanwhile, or is not known any more
      );
      if (!stays && this.began !== null) {
        await this.schedule();
        this.gone = true;
      }
    }
    const due = this.gone || this.now() - this.written >= RENEW_MS;
    if (due && this.began !== null) await this.write().catch(() => {}); // or the next time
  }
}
