/**
 * What a page that has the room in a frame and the room say to each other. The page begins with `connect` to the frame's
 * window, with a port; all the rest goes over that port. embed/external_api.js is the other side.
 */
import { cleanName } from '../../call/profile.ts';

export const VERSION = 1;

/** What the page wants of the room, checked. */
export interface Wishes {
  name: string;
  /** The part of the link behind the #; '' where keys come from outside, or people are to type it. */
  secret: string;
  keys: 'shared' | 'per_participant' | null;
  /** Joins without the lobby, with these. Null: the lobby asks. */
  join: { mic: boolean; camera: boolean } | null;
  /** Which room the secret is of: in a breakout room there is another one in the frame. */
  room: string;
  /** What lets in at a server that asks for it; '' for none. */
  token: string;
  lang: string;
  config: Record<string, unknown>;
  /** The names of what else the page wished, to be told that it is not to be had. */
  others: string[];
  /** What the room before this one in the frame had the page keep. */
  kept: Record<string, string>;
}

/** Of the page. */
export type ToRoom = { type: 'command'; id: number; name: string; args: unknown[] };

/** One who is here, as the page knows them. */
export interface Participant {
  participantId: string;
  displayName: string;
  local: boolean;
  audioMuted: boolean;
  videoMuted: boolean;
  handRaised: number;
  role: string;
  state: string;
}

/** A breakout room that was opened here. */
export interface Breakout {
  id: string;
  name: string;
  /** Who was sent there, by ids that are good for sending them elsewhere. */
  participants: { id: string; displayName: string }[];
}

/** What the page can ask at any time: it is kept there, and renewed whenever it changes. */
export interface Mirror {
  phase: string;
  encryption: string;
  participants: Participant[];
  audioMuted: boolean;
  videoMuted: boolean;
  screenSharing: boolean;
  breakouts: Breakout[];
}

/** Of the room. */
export type FromRoom =
  | { type: 'connected'; version: number }
  | { type: 'event'; name: string; data: object }
  | { type: 'mirror'; mirror: Mirror }
  /** To be given back to the room that is loaded next, where the browser keeps nothing for it. */
  | { type: 'kept'; kept: Readonly<Record<string, string>> }
  | { type: 'done'; id: number }
  | { type: 'refused'; id: number; error: string };

const LONGEST_SECRET = 512; // eight words are shorter
const LONGEST_TOKEN = 4096; // what the server reads
const LONGEST_NAME = 64; // of an option
const MOST_NAMES = 64;
const MOST_KEPT = 16;
const LONGEST_KEPT = 4096;

/** Null where it is no `connect`. Wishes that are none are left out. */
export function readConnect(data: unknown): Wishes | null {
  const { grotto, version, wishes } = fieldsOf(data);
  if (grotto !== 'connect' || version !== VERSION) return null;
  const { name, secret, keys, join, room, token, lang, config, others, kept } = fieldsOf(wishes);
  const { mic, camera } = fieldsOf(join);
  return {
    name: typeof name === 'string' ? cleanName(name) : '',
    secret: shortText(secret, LONGEST_SECRET),
    keys: keys === 'shared' || keys === 'per_participant' ? keys : null,
    join: typeof join === 'object' && join !== null ? { mic: mic === true, camera: camera === true } : null,
    room: shortText(room, LONGEST_NAME),
    token: shortText(token, LONGEST_TOKEN),
    lang: shortText(lang, LONGEST_NAME),
    config: Object.fromEntries(Object.entries(fieldsOf(config)).slice(0, MOST_NAMES)),
    kept: Object.fromEntries(
      Object.entries(fieldsOf(kept))
        .slice(0, MOST_KEPT)
        .map(([key, value]) => [key, shortText(value, LONGEST_KEPT)]),
    ),
    others: (Array.isArray(others) ? others : []).slice(0, MOST_NAMES).map((other) => shortText(other, LONGEST_NAME)),
  };
}

function shortText(value: unknown, longest: number): string {
  return typeof value === 'string' && value.length <= longest ? value : '';
}

export function readCommand(data: unknown): ToRoom | null {
  const { type, id, name, args } = fieldsOf(data);
  if (type !== 'command' || typeof id !== 'number' || typeof name !== 'string') return null;
  return { type, id, name, args: Array.isArray(args) ? args : [] };
}

export function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

interface Device {
  user: string;
  device: string;
}

/** How the page names somebody. The user id, which keys of each participant go by, is what stands before the last slash. */
export function participantId({ user, device }: Device): string {
  return `${user}/${device}`;
}

export function deviceOf(id: unknown): Device {
  const at = typeof id === 'string' ? id.lastIndexOf('/') : -1;
  if (typeof id !== 'string' || at < 0) throw new Error('this is not the id of a participant');
  return { user: id.slice(0, at), device: id.slice(at + 1) };
}
