// Who says in the Matrix room that they are in this call. Any member may write over another's membership, so one counts only
// if the key it stands under is its sender's own; what somebody else writes there neither comes nor goes.
import { MEMBER, MEMBERSHIP, SFU, type StateEvent } from './matrix.ts';

const LIFE_MS = 4 * 60 * 60 * 1000; // where a membership does not say
const LONGEST_MS = 365 * 24 * 60 * 60 * 1000; // where we stop to believe
const MOST_TRANSPORTS = 16;

export interface Membership {
  user: string;
  device: string;
  /** When it began, ms since 1970, by the homeserver that took it. */
  created: number;
  expires: number;
}

/** How the membership of this device is filed. */
export function membershipKey(user: string, device: string): string {
  return `_${user}_${device}_m.call`;
}

/** What one writes there; an empty object takes it back. */
export function membershipContent(user: string, device: string, url: string): object {
  return {
    application: 'm.call',
    call_id: '',
    scope: 'm.room',
    device_id: device,
    membershipID: `${user}:${device}`,
    'm.call.intent': 'video',
    focus_active: { type: SFU, focus_selection: 'multi_sfu' },
    foci_preferred: [{ type: SFU, url }],
  };
}

/** Null where it is none of this call, or was written over somebody else's. */
export function readMembership(event: StateEvent, path: string): Membership | null {
  const { device_id, application, call_id, scope, focus_active, foci_preferred, created_ts, expires } = event.content;
  if (
    event.type !== MEMBERSHIP ||
    typeof device_id !== 'string' ||
    device_id === '' ||
    application !== 'm.call' ||
    call_id !== ''
  )
    return null;
  if (event.state_key !== membershipKey(event.sender, device_id) || serverOf(event.sender).includes('_')) return null;
  if (!isTransports(foci_preferred) || !foci_preferred.some((transport) => leadsTo(transport, path))) return null;
  if (scope !== undefined && scope !== '' && scope !== 'm.room') return null;
  if (typeof (focus_active as { type?: unknown } | undefined)?.type !== 'string') return null;
  const written = event.origin_server_ts;
  const claimed = typeof created_ts === 'number' && created_ts > 0 ? created_ts : written;
  const created = Math.min(claimed, written); // not later than the homeserver's time
  const life = expires === undefined ? LIFE_MS : expires;
  if (typeof life !== 'number' || life <= 0) return null;
  return { user: event.sender, device: device_id, created, expires: created + Math.min(life, LONGEST_MS) };
}

/** No server's name has a _: in a key it would not be clear where it ends. */
function serverOf(user: string): string {
  return user.slice(user.indexOf(':') + 1);
}

interface Transport {
  type: string;
  url?: unknown;
}

function isTransports(list: unknown): list is Transport[] {
  if (!Array.isArray(list) || list.length > MOST_TRANSPORTS) return false;
  return list.every((one) => typeof one?.type === 'string' && one.type !== '');
}

/** The address of a room and nothing more: no secret, no question. */
function leadsTo({ type, url }: Transport, path: string): boolean {
  if (type !== SFU || typeof url !== 'string' || !URL.canParse(url)) return false;
  const { origin, pathname } = new URL(url);
  return pathname === path && origin + pathname === url;
}

/** The memberships of the room and who is in it, as its state goes on. */
export class Memberships {
  private readonly all = new Map<string, Membership>();
  private readonly members = new Set<string>();
  private readonly path: string;
  private readonly now: () => number;

  /** `path` is /r/<slug>. */
  constructor(path: string, now: () => number) {
    this.path = path;
    this.now = now;
  }

  take(event: StateEvent): void {
    if (event.type === MEMBER) {
      if (event.content.membership === 'join') this.members.add(event.state_key);
      else this.members.delete(event.state_key);
    }
    if (event.type !== MEMBERSHIP) return;
    const membership = readMembership(event, this.path);
    if (membership) this.all.set(event.state_key, membership);
    // Whose key it is may take it back, or say something else; nobody else may.
    else if (event.state_key.startsWith(`_${event.sender}_`)) this.all.delete(event.state_key);
  }

  joined(user: string): boolean {
    return this.members.has(user);
  }

  /** Everybody who is in the Matrix room. */
  users(): string[] {
    return [...this.members];
  }

  /** The oldest first. Of those who are not in the room any more, and of what has expired, there is none. */
  standing(): Membership[] {
    const now = this.now();
    return [...this.all.values()]
      .filter(({ user, expires }) => expires > now && this.joined(user))
      .sort((a, b) => a.created - b.created || order(a.user, b.user) || order(a.device, b.device));
  }

  has(user: string, device: string): boolean {
    return this.standing().some((standing) => standing.user === user && standing.device === device);
  }

  devicesOf(user: string): string[] {
    return this.standing().flatMap((standing) => (standing.user === user ? [standing.device] : []));
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
