// That we are in the call, said in the Matrix room and taken back. Where the homeserver can send an event later, it takes back for
// us what we cannot: it does so unless we go on asking it not to.
import { type MatrixClient, MEMBERSHIP } from './matrix.ts';
import { membershipContent, membershipKey } from './memberships.ts';
import type { MatrixDevice } from './parcels.ts';

const DELAY_MS = 10_000; // after the last sign of life
const RESTART_MS = 4_000;

type Client = Pick<MatrixClient, 'sendState' | 'updateDelayed'>;

export class OwnMembership {
  private readonly client: Client;
  private readonly key: string;
  private readonly content: object;
  private delay = '';
  private timer: ReturnType<typeof setInterval> | undefined;
  private present = false;

  constructor(client: Client, own: MatrixDevice, url: string) {
    this.client = client;
    this.key = membershipKey(own.user, own.device);
    this.content = membershipContent(own.user, own.device, url);
  }

  /** The leave first: a homeserver that does not wait with it sends it before there is anything to take back. */
  async join(): Promise<void> {
    if (this.present) return;
    this.present = true;
    await this.schedule();
    await this.client.sendState(MEMBERSHIP, this.key, this.content);
    if (this.delay !== '') this.timer = setInterval(() => void this.stay(), RESTART_MS);
  }

  /** Says so at once: a page that goes can still hand a message to the window around it. */
  leave(): void {
    if (!this.present) return;
    this.present = false;
    clearInterval(this.timer);
    const { delay } = this;
    this.delay = '';
    void this.client.sendState(MEMBERSHIP, this.key, {}).catch(() => {}); // it expires
    if (delay !== '') void this.client.updateDelayed(delay, 'cancel').catch(() => {});
  }

  private async schedule(): Promise<void> {
    this.delay = await this.client.sendState(MEMBERSHIP, this.key, {}, DELAY_MS).catch(() => '');
  }

  private async stay(): Promise<void> {
    try {
      await this.client.updateDelayed(this.delay, 'restart');
    } catch {
      // It was sent meanwhile, or is not known any more: once more from the beginning.
      if (!this.present) return;
      await this.schedule();
      await this.client.sendState(MEMBERSHIP, this.key, this.content).catch(() => {});
    }
  }
}
