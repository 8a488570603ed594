// What the page and the worker say to each other. No message from the worker carries a key, and none to it carries
// media in the clear: streams of frames are handed over whole, and only the worker writes to them.

import type { ClaimedKey, Codec, Device, Member, SignedKey, Source } from '../wire.ts';
import type { FrameErrorCode } from './frames/index.ts';

export type { Codec, Device, Source };

/** What a transform does, told once when it is attached. A receiver that shows another track gets a new one. */
export type TransformOptions = SealOptions | OpenOptions;

export interface SealOptions {
  direction: 'seal';
  track: string;
  source: Source;
  codec: Codec;
}

export interface OpenOptions {
  direction: 'open';
  track: string;
  source: Source;
  codec: Codec;
  from: Device | null; // null: it is nobody's yet, and nothing passes
}

/** An Olm message as the engine writes it; the signalling layer puts the address beside it. */
export interface EngineEnvelope {
  olm: number;
  body: string;
  sender_key: string;
}

/** What the page tells the engine. The names are those of olmkeys' events. */
export type PageEvent =
  | { type: 'roster_changed'; left: Device[]; joined: Member[] }
  | { type: 'keys_claimed'; keys: ClaimedKey[] }
  | { type: 'key_count'; one_time_keys: number }
  | { type: 'message_received'; from: Device; envelope: EngineEnvelope }
  | { type: 'data_received'; from: Device; body: string }
  | { type: 'say_to_all'; kind: string; body: string; relay?: Device[] }
  | { type: 'say_to'; to: Device[]; kind: string; body: string }
  | { type: 'verify'; with: Device; step: VerifyStep }
  | { type: 'qr_wanted'; with: Device } // answered by the effect `qr`
  | { type: 'qr_scanned'; with: Device; text: string }
  | { type: 'block'; device: Device }
  | { type: 'remove'; devices: Device[]; change_link: boolean } // the worker draws the new secret
  | { type: 'proof_received'; from: Device; proof: string }
  | { type: 'resumed' }
  | { type: 'leaving' }
  | { type: 'code_wanted' }; // answered by the effect `code`

export type VerifyStep = 'request' | 'match' | 'mismatch' | 'cancel';
export type VerifyState = 'requested' | 'waiting' | 'compare' | 'done' | 'cancelled';
export type VerifyReason = 'by_us' | 'by_them' | 'timeout' | 'mismatch' | 'failed';

/** What is kept of our identity, and what to do about it: see the message `identity`. */
export type IdentityState = 'guest' | 'kept' | 'unavailable';

/** An identity remembered, as the engine writes it. */
export interface Pin {
  identity: string;
  user?: string;
  name?: string;
  verified?: boolean;
  blocked?: boolean;
}

/** Where keys come from, if not from the link and over Olm: the page sets one for all, or one for each participant. */
export type KeySource = 'shared' | 'per_participant';

/** The states that the engine gives a device. */
export type PeerState =
  | 'waiting_for_key'
  | 'new'
  | 'known'
  | 'verified'
  | 'changed_key'
  | 'outside_key'
  | 'cannot_decrypt'
  | 'wrong_secret'
  | 'blocked'
  | 'refused';

/** What is wrong with what a device says of the list of participants; '' takes it back. */
export type Warning = 'roster_differs' | 'silent' | '';

/** The engine's effects that are the page's business: all but keys and timers. */
export type PageEffect =
  | { type: 'send_messages'; messages: { to: Device; envelope: EngineEnvelope }[] }
  | { type: 'claim_keys'; devices: Device[] }
  | { type: 'upload_keys'; one_time_keys: SignedKey[]; fallback_key?: SignedKey }
  | { type: 'send_data'; body: string; to?: Device[] }
  | { type: 'show'; from: Device; state: PeerState }
  | { type: 'warn'; from: Device; warning: Warning }
  | { type: 'code'; digits: string }
  | {
      type: 'verification';
      with: Device;
      state: VerifyState;
      emoji?: number[];
      decimal?: number[];
      reason?: VerifyReason;
    }
  | { type: 'qr'; with: Device; text: string }
  | { type: 'prove'; proof: string }
  | { type: 'removed'; by: Device } // a member removed us: the others give us no keys
  | { type: 'secret_changed'; by: Device | null; sealed: string } // made by the worker: the secret stays there
  | { type: 'heard'; from: Device; kind: string; body: string; private?: boolean };

/** What a device publishes about itself, made by the engine. */
export interface Announcement {
  user: string;
  device: string;
  join_id: string;
  call_keys: string;
  sig: string;
  proof?: string;
  one_time_keys: SignedKey[];
  fallback_key: SignedKey;
}

/**
 * Of the identity: `look` changes nothing; `keep` takes part under the one this browser keeps, a new one if it keeps none;
 * `guest` takes part under one for this call only; `forget` deletes it and everybody remembered. Counts from the next
 * `open` on.
 */
export type IdentityAction = 'look' | 'keep' | 'guest' | 'forget';

export type ToWorker =
  | { type: 'ping'; id: number }
  | { type: 'new_secret'; id: number }
  | { type: 'set_secret'; id: number; secret: string } // checked, held, and kept for a reload
  | { type: 'restore_secret'; id: number; sealed: string } // after a reload
  | { type: 'keep_secret'; id: number; lasting: boolean } // once more, after forget; or for another day
  | { type: 'read_secret'; id: number }
  | { type: 'keep_note'; id: number; text: string } // sealed as the secret is, for a reload
  | { type: 'open_note'; id: number; sealed: string }
  | { type: 'identity'; id: number; action: IdentityAction }
  | { type: 'known'; id: number } // whom this browser remembers
  | { type: 'forget_person'; id: number; identity: string } // answered by `known` too
  | { type: 'open'; id: number; room: string; call: string; user: string; device: string; keys?: KeySource }
  | { type: 'seal_knock'; id: number; name: string }
  | { type: 'open_knock'; id: number; user: string; device: string; body: string }
  | { type: 'set_key'; id: number; user?: string; generation: number; key: Uint8Array } // held over sessions
  | { type: 'set_passphrase'; id: number; generation: number; passphrase: string; salt: Uint8Array }
  | { type: 'event'; event: PageEvent }
  | { type: 'close' }
  | { type: 'forget'; sealed: string } // what was kept opens no more; the worker still holds the secret
  | { type: 'streams'; readable: ReadableStream; writable: WritableStream; options: TransformOptions }
  | { type: 'rebind'; options: OpenOptions };

/** Why a frame was not passed on: before it was looked at (no key, another codec), for a fault of ours, or in sealing or opening. */
export type DropReason = 'no_key' | 'wrong_codec' | 'internal' | FrameErrorCode;

/** What became of a track's frames since it was attached. */
export interface TrackCounts {
  track: string;
  direction: 'seal' | 'open';
  passed: number;
  failed: number;
  dropped: number;
  last: DropReason | null;
}

export type Failure = { code: 'engine_failed' | 'bad_secret' | 'bad_key'; message: string };

export type FromWorker =
  | { type: 'ready' }
  | { type: 'failed'; failure: Failure }
  | { type: 'pong'; id: number }
  | { type: 'secret'; id: number; secret: string }
  | { type: 'secret_kept'; id: number; sealed: string }
  | { type: 'note'; id: number; text: string } // sealed, or opened
  | { type: 'identity'; id: number; identity: IdentityState }
  | { type: 'known'; id: number; people: Pin[] }
  | { type: 'opened'; id: number; announcement: Announcement }
  | { type: 'knock'; id: number; text: string | null } // sealed, or opened
  | { type: 'key_set'; id: number }
  | { type: 'refused'; id: number; failure: Failure }
  | { type: 'event_refused'; failure: Failure } // the engine found an event malformed: the server's fault, nothing is lost
  | { type: 'effects'; effects: PageEffect[] }
  | { type: 'counts'; tracks: TrackCounts[] };

/** Makes the compiler find a union's member that nobody handles. */
export function assertNever(value: never): never {
  throw new Error(`not handled: ${JSON.stringify(value)}`);
}
