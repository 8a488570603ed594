// One tile, as it is to be drawn, and what it says of its owner's keys.
import type { VideoCodec } from './view.ts';

/** What a tile says about a device's keys. In no state is unencrypted media sent or shown. */
export type TileState =
  | 'waiting_for_key'
  | 'new'
  | 'known'
  | 'verified'
  | 'changed_key'
  | 'outside_key'
  | 'blocked'
  | 'cannot_decrypt'
  | 'wrong_secret'
  | 'refused'
  | 'guest' // keys go over Matrix, and they are not from there
  | 'no_transform'
  | 'engine_failed';

/** Media of a device in this state opens; it may still be one to look at. */
export function healthy(state: TileState): boolean {
  return healthyStates.has(state);
}

/** A person should look at a device in this state: it will not mend by waiting, and was not wanted so. */
export function concerning(state: TileState): boolean {
  return state === 'changed_key' || !(healthyStates.has(state) || state === 'waiting_for_key' || state === 'blocked');
}

const healthyStates: ReadonlySet<TileState> = new Set(['new', 'known', 'verified', 'changed_key', 'outside_key']);

/** Of a picture, in pixels. */
export interface Size {
  width: number;
  height: number;
}

/** One tile: a person's camera and voice, or a shared screen. */
export interface TileView {
  key: string;
  kind: 'camera' | 'screen';
  name: string;
  self: boolean;
  user: string;
  device: string;
  state: TileState;
  video: MediaStream | null;
  audio: MediaStream | null;
  mic: boolean;
  camera: boolean;
  /** When the hand was raised, ms since 1970 by their clock; 0 where it is down. */
  hand: number;
  speaking: boolean;
  /** They say that they record the meeting on their device. */
  recording: boolean;
  /** The server sends no picture for now: there is no room for it on the way here. */
  paused: boolean;
  /** They say that their line carries too little of what they send. */
  weak: boolean;
  /** What the picture is encoded in, where this browser cannot play that. */
  unplayable: VideoCodec | null;
}
