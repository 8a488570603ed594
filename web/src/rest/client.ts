/**
 * A client of a server's REST API, for programs that make rooms and tokens: `new RestClient({ server, key })`. It runs in Node 20 and
 * later, and wherever else there is `fetch`; a key belongs on a server of yours, not in a page.
 *
 * A room's link is whole only with the secret behind its `#`, which `withSecret` draws here: the server never has it.
 */
import type {
  ErrorModel,
  LiveRoom,
  Load,
  Mute,
  PageDelivery,
  PageLiveRoom,
  PageParticipant,
  PageRoom,
  PageSession,
  PageWebhook,
  Room,
  RoomSettings,
  Statistics,
  Token,
  TokenSettings,
  Webhook,
  WebhookSettings,
} from './api.ts';
import { operations } from './api.ts';

export type * from './api.ts';

const PREFIX = '/api/v1';
const SECRET_BYTES = 16;
const TIMEOUT_MS = 30_000;

export interface RestOptions {
  /** https://meet.example.org */
  server: string;
  /** Made by `grotto-server api-key create`. */
  key: string;
  /** In the place of the global one. */
  fetch?: typeof fetch;
}

/** Which part of a list is wanted. */
export interface Listing {
  limit?: number;
  /** The id of the last one seen. */
  after?: string;
  order?: 'asc' | 'desc';
}

/** What the server refused: `status`, and `reasons`, each with the field it is about. */
export class RestError extends Error {
  override name = 'RestError';
  readonly status: number;
  readonly reasons: readonly { location?: string; message?: string }[];

  constructor(status: number, { detail, errors = [] }: ErrorModel) {
    const reasons = errors.map(({ location = '', message = '' }) => `; ${location} ${message}`).join('');
    super(`${status}: ${detail ?? 'this is not an answer of the API'}${reasons}`);
    this.status = status;
    this.reasons = errors;
  }
}

type Operation = (typeof operations)[keyof typeof operations];
type Query = Record<string, string | number | undefined>;

export class RestClient {
  private readonly server: string;
  private readonly key: string;
  private readonly fetch: typeof fetch;

  constructor({ server, key, fetch = globalThis.fetch }: RestOptions) {
    this.server = server.replace(/\/$/, '');
    this.key = key;
    this.fetch = fetch;
  }

  rooms(listing: Listing = {}): Promise<PageRoom> {
    return this.call(operations.listRooms, [], { ...listing });
  }

  /** By its id or its friendly_url, as everywhere here. */
  room(room: string): Promise<Room> {
    return this.call(operations.getRoom, [room]);
  }

  /** Its link wants a secret: `withSecret(room.link)`. */
  createRoom(settings: RoomSettings = {}): Promise<Room> {
    return this.call(operations.createRoom, [], {}, settings);
  }

  /** Changes what is in `settings`. */
  updateRoom(room: string, settings: RoomSettings): Promise<Room> {
    return this.call(operations.updateRoom, [room], {}, settings);
  }

  deleteRoom(room: string): Promise<void> {
    return this.call(operations.deleteRoom, [room]);
  }

  createToken(room: string, settings: TokenSettings = {}): Promise<Token> {
    return this.call(operations.createToken, [room], {}, settings);
  }

  revokeToken(id: string): Promise<void> {
    return this.call(operations.revokeToken, [id]);
  }

  liveRooms(): Promise<PageLiveRoom> {
    return this.call(operations.listLiveRooms, []);
  }

  liveRoom(room: string): Promise<LiveRoom> {
    return this.call(operations.getLiveRoom, [room]);
  }

  participants(room: string): Promise<PageParticipant> {
    return this.call(operations.listParticipants, [room]);
  }

  remove(room: string, participant: string): Promise<void> {
    return this.call(operations.removeParticipant, [room, participant]);
  }

  mute(room: string, participant: string, source: NonNullable<Mute['source']> = 'mic'): Promise<void> {
    return this.call(operations.muteParticipant, [room, participant], {}, { source } satisfies Mute);
  }

  sessions(listing: Listing = {}): Promise<PageSession> {
    return this.call(operations.listSessions, [], { ...listing });
  }

  roomSessions(room: string, listing: Listing = {}): Promise<PageSession> {
    return this.call(operations.listRoomSessions, [room], { ...listing });
  }

  endSession(id: string): Promise<void> {
    return this.call(operations.endSession, [id]);
  }

  statistics({ from, to }: { from?: Date; to?: Date } = {}): Promise<Statistics> {
    return this.call(operations.getStatistics, [], { from: from?.toISOString(), to: to?.toISOString() });
  }

  load(): Promise<Load> {
    return this.call(operations.getLoad, []);
  }

  webhooks(): Promise<PageWebhook> {
    return this.call(operations.listWebhooks, []);
  }

  /** Its secret is in this answer only. */
  createWebhook(settings: WebhookSettings): Promise<Webhook> {
    return this.call(operations.createWebhook, [], {}, settings);
  }

  updateWebhook(id: string, settings: WebhookSettings): Promise<Webhook> {
    return this.call(operations.updateWebhook, [id], {}, settings);
  }

  deleteWebhook(id: string): Promise<void> {
    return this.call(operations.deleteWebhook, [id]);
  }

  deliveries(id: string, listing: Listing = {}): Promise<PageDelivery> {
    return this.call(operations.listDeliveries, [id], { ...listing });
  }

  testWebhook(id: string): Promise<void> {
    return this.call(operations.testWebhook, [id]);
  }

  private async call<T>([method, path]: Operation, parts: string[], query: Query = {}, body?: object): Promise<T> {
    let next = 0;
    const filled = path.replace(/\{\w+\}/g, () => encodeURIComponent(parts[next++] ?? ''));
    const url = new URL(this.server + PREFIX + filled);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const answer = await this.fetch(url, {
      method,
      headers: { authorization: `Bearer ${this.key}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await answer.text();
    if (!answer.ok) throw new RestError(answer.status, problemOf(text));
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}

function problemOf(text: string): ErrorModel {
  try {
    return JSON.parse(text) as ErrorModel;
  } catch {
    return {};
  }
}

/** A room's link, made whole with a secret that is drawn here. All who shall meet need the same one: keep it with the room. */
export function withSecret(link: string): string {
  const url = new URL(link);
  if (url.hash !== '') throw new Error('the link has a secret already');
  const secret = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  const base64 = btoa(String.fromCharCode(...secret));
  return `${link}#${base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}

/** The same link with somebody's join token in it. */
export function withToken(link: string, token: string): string {
  const url = new URL(link);
  url.searchParams.set('token', token);
  return url.href;
}
