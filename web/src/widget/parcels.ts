// What travels between clients in encrypted to-device messages, checked. A message counts only if the Matrix client says that
// it came encrypted, if it is of this room, and if its sender has the membership in this call that it claims.
import { fromMatrix, localpartOf } from '../call/matrix_user.ts';
import type { Device } from '../wire.ts';
import type { EngineEnvelope } from '../worker/messages.ts';
import { MESSAGE, SECRET, SECRET_REQUEST, type ToDevice } from './matrix.ts';
import type { Memberships } from './memberships.ts';

const VERSION = 1;
const MOST_MESSAGES = 64; // in one
const LONGEST_BODY = 64 << 10;
const SECRET_TEXT = /^(?:[\w-]{22}|[a-z]+(?:-[a-z]+){7})$/; // drawn, or eight words
const ID = /^[A-Za-z0-9+/]{21}[AQgw]$/; // 16 bytes

export interface Whereabouts {
  roomID: string;
  slug: string;
}

/** Of whom something is, as Matrix knows them. */
export interface MatrixDevice {
  user: string;
  device: string;
}

export type Parcel =
  | { type: 'request'; sender: MatrixDevice }
  | { type: 'secret'; sender: MatrixDevice; secret: string }
  | { type: 'messages'; sender: MatrixDevice; call: string; from: Device; to: Device; envelopes: EngineEnvelope[] };

/** Why it was not taken, for tests and for a line in the console: nothing of its content. */
export type Refusal =
  | 'not_encrypted'
  | 'unknown_type'
  | 'malformed'
  | 'other_room'
  | 'not_a_member'
  | 'no_membership'
  | 'other_user';

export async function open(
  message: ToDevice,
  here: Whereabouts,
  memberships: Pick<Memberships, 'joined' | 'has'>,
): Promise<Parcel | Refusal> {
  const { type, sender, encrypted, content } = message;
  if (encrypted !== true) return 'not_encrypted';
  if (type !== SECRET_REQUEST && type !== SECRET && type !== MESSAGE) return 'unknown_type';
  const { v, room_id, slug, claimed_device_id: device } = fields(content);
  if (v !== VERSION || typeof sender !== 'string' || typeof device !== 'string') return 'malformed';
  if (room_id !== here.roomID || slug !== here.slug) return 'other_room';
  if (!memberships.joined(sender)) return 'not_a_member';
  if (!memberships.has(sender, device)) return 'no_membership';
  const from = { user: sender, device };
  if (type === SECRET_REQUEST) return { type: 'request', sender: from };
  if (type === SECRET) {
    const { secret } = content;
    const good = typeof secret === 'string' && SECRET_TEXT.test(secret);
    return good ? { type: 'secret', sender: from, secret } : 'malformed';
  }
  return messages(from, content);
}

async function messages(sender: MatrixDevice, content: Record<string, unknown>): Promise<Parcel | Refusal> {
  const from = deviceIn(content.from);
  const to = deviceIn(content.to);
  const { call, messages: all } = content;
  if (!from || !to || !isID(call) || !Array.isArray(all)) return 'malformed';
  if (all.length === 0 || all.length > MOST_MESSAGES) return 'malformed';
  const envelopes = all.map(envelopeIn);
  if (!envelopes.every((envelope) => envelope !== null)) return 'malformed';
  if (!(await isUser(from.user, sender.user))) return 'other_user';
  return { type: 'messages', sender, call, from, to, envelopes };
}

/** Whether the user id here is the one that this Matrix user has. */
export async function isUser(user: string, matrixUser: string): Promise<boolean> {
  const colon = user.indexOf(':');
  return fromMatrix(user) && colon > 0 && user.slice(1, colon) === (await localpartOf(matrixUser));
}

export function request(here: Whereabouts, own: MatrixDevice): object {
  return { v: VERSION, room_id: here.roomID, slug: here.slug, claimed_device_id: own.device };
}

export function secretFor(here: Whereabouts, own: MatrixDevice, secret: string): object {
  return { ...request(here, own), secret };
}

export function messagesFor(
  here: Whereabouts,
  own: MatrixDevice,
  letter: { call: string; from: Device; to: Device; envelopes: EngineEnvelope[] },
): object {
  const { call, from, to, envelopes } = letter;
  return { ...request(here, own), call, from: plain(from), to: plain(to), messages: envelopes };
}

function plain({ user, device, join_id }: Device): Device {
  return { user, device, join_id };
}

function isID(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}

function deviceIn(value: unknown): Device | null {
  const { user, device, join_id } = fields(value);
  if (typeof user !== 'string' || typeof device !== 'string' || !isID(join_id)) return null;
  return { user, device, join_id };
}

function envelopeIn(value: unknown): EngineEnvelope | null {
  const { olm, body, sender_key } = fields(value);
  if ((olm !== 0 && olm !== 1) || typeof body !== 'string' || typeof sender_key !== 'string') return null;
  return body !== '' && body.length <= LONGEST_BODY && sender_key !== '' ? { olm, body, sender_key } : null;
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
