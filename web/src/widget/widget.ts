// The page as a widget of a Matrix client: who we are, the meeting's secret and the keys come by that client, and nothing else does.
// `openWidget` waits for the client and gives the meeting's link and its way for keys; loaded only where there is one around us.
import type { WidgetAddress } from './address.ts';
import { Carrier } from './carrier.ts';
import type { Guard } from './guard.ts';
import { WidgetHost, type Wish } from './host.ts';
import { MatrixLink } from './link.ts';
import { CALL, type MatrixClient, MEMBERSHIP, type StateEvent, type ToDevice } from './matrix.ts';
import { Memberships } from './memberships.ts';
import { OwnMembership } from './own_membership.ts';
import { open, type Whereabouts } from './parcels.ts';
import { SecretExchange } from './secret.ts';
import { joinToken } from './token.ts';

const EARLY_MS = 10_000; // for the membership of somebody whose message is here already
const MOST_EARLY = 64;
const ECHO_MS = 5_000; // for the homeserver to give our own membership back

export interface WidgetEvents {
  wish(wish: Wish): void;
  theme(name: string): void;
  language(tag: string): void;
}

export interface WidgetParts {
  client: MatrixClient;
  fetch: typeof fetch;
  now(): number;
}

/** One room of Matrix with the call in it. */
export class MatrixRoom {
  readonly link: MatrixLink;
  readonly keys: Carrier;
  private readonly memberships: Memberships;
  private readonly exchange: SecretExchange;
  private readonly here: Whereabouts;
  private readonly now: () => number;
  private early: { message: ToDevice; until: number }[] = [];
  private bot = ''; // as the server says
  private linker = ''; // as the room says
  private last: Promise<void> = Promise.resolve(); // to-device messages are taken in their order
  private echoed: () => void = () => {};

  constructor(address: WidgetAddress, place: { slug: string; origin: string }, { client, fetch, now }: WidgetParts) {
    const { slug, origin } = place;
    const own = { user: address.userID, device: address.deviceID };
    const path = `/r/${slug}`;
    this.here = { roomID: address.roomID, slug };
    this.now = now;
    this.memberships = new Memberships(path, now);
    const { memberships, here } = this;
    const membership = new OwnMembership(client, own, origin + path, now);
    const echo = () =>
      new Promise<void>((resolve) => {
        this.echoed = resolve;
        setTimeout(resolve, ECHO_MS);
      });
    this.link = new MatrixLink(slug, origin, address.guests, {
      token: async () => {
        const { token, bot } = await joinToken(fetch, here, own, await client.openID());
        this.bot = bot;
        return token;
      },
      appear: async () => {
        const back = echo();
        await membership.join();
        await back;
      },
      disappear: () => membership.leave(),
      secret: () => this.exchange.obtain(),
      opened: () => void this.exchange.answer(),
    });
    this.exchange = new SecretExchange({
      client,
      memberships,
      here,
      own,
      withheld: (user) => isBot(user, this.bot) || isBot(user, this.linker),
      held: () => this.link.held(),
    });
    this.keys = new Carrier({
      client,
      memberships,
      here,
      own,
      host: new URL(address.parentOrigin).host,
      guests: address.guests,
      user: address.userID,
    });
    client.onState((event) => this.state(event, membership));
    client.onToDevice((message) => this.hear(message, now() + EARLY_MS));
  }

  private state(event: StateEvent, own: OwnMembership): void {
    this.memberships.take(event);
    const { early } = this;
    this.early = [];
    for (const { message, until } of early) if (this.now() < until) this.hear(message, until);
    if (event.type === CALL && event.state_key === '') this.linker = event.sender;
    if (event.type !== MEMBERSHIP) return;
    if (event.state_key === own.key) {
      own.came(event.sender, event.origin_server_ts);
      if ('device_id' in event.content) this.echoed();
    }
    this.keys.look();
  }

  private hear(message: ToDevice, until: number): void {
    this.last = this.last.then(() => this.toDevice(message, until)).catch(() => {}); // a client that fails us; they ask again
  }

  private async toDevice(message: ToDevice, until: number): Promise<void> {
    const parcel = await open(message, this.here, this.memberships);
    const early = parcel === 'not_a_member' || parcel === 'no_membership';
    if (early && this.now() < until && this.early.length < MOST_EARLY) return void this.early.push({ message, until });
    if (typeof parcel === 'string') return console.warn(`a to-device message was not taken: ${parcel}`);
    switch (parcel.type) {
      case 'request':
        await this.exchange.requested(parcel.sender);
        return;
      case 'secret':
        this.exchange.came(parcel.sender, parcel.secret);
        return;
      case 'messages':
        this.keys.came(parcel);
        return;
    }
  }
}

/** The bot, or one of the users that it makes for guests: their names begin with its own. */
function isBot(user: string, bot: string): boolean {
  const at = bot.indexOf(':');
  if (at < 0) return false;
  const rest = user.startsWith(bot.slice(0, at)) ? user.slice(at) : '';
  return user === bot || (/^_guest_\d+:/.test(rest) && rest.endsWith(bot.slice(at)));
}

/** The client around us, once it has said what it lets us do. */
export async function openWidget(
  address: WidgetAddress,
  place: { slug: string; origin: string },
  guard: Pick<Guard, 'open'>,
  events: WidgetEvents,
): Promise<{ room: MatrixRoom; inCall(on: boolean): Promise<void> }> {
  const host = new WidgetHost(address, events);
  const room = new MatrixRoom(address, place, {
    client: host,
    fetch: (input, init) => fetch(input, init),
    now: () => Date.now(),
  });
  await host.ready(() => guard.open());
  return { room, inCall: (on) => host.inCall(on) };
}
