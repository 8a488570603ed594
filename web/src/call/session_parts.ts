// What a session is made of, and whom it tells.
import type { Device, Joined, Member, Welcome } from '../wire.ts';
import type { PageEffect } from '../worker/messages.ts';
import type { TransformAPI } from './capabilities.ts';
import type { EngineClient } from './engine_client.ts';
import type { KeyTransport } from './key_transport.ts';
import type { OrderNotice } from './moderation.ts';
import type { Profile } from './profile.ts';
import type { Viewport } from './showing.ts';
import type { Signalling, SignallingEvents } from './signalling.ts';
import type { Problem, VideoCodec } from './view.ts';

export interface SessionEvents {
  /** Somebody or something changed: look at people and self again. */
  changed(): void;
  lost(attempts: number): void;
  resumed(): void;
  ended(problem: Problem, again: boolean, afterMs: number): void;
  /** What somebody said, but for their profile. */
  heard(heard: Extract<PageEffect, { type: 'heard' }>): void;
  /** Somebody has become able to hear us. */
  reached(device: Device): void;
  verification(told: Extract<PageEffect, { type: 'verification' }>): void;
  /** Somebody's device is gone. */
  left(device: Device): void;
  /** A member took us out of everybody's keys. */
  removed(by: Device): void;
  /** The meeting has another secret; by null if we changed it. */
  secretChanged(sealed: string, by: Device | null): void;
  /** A transform could not be attached. */
  noTransform(): void;
}

/** Who may do what here, as the server says. */
export interface Order {
  /** Somebody has to let us in first. */
  waits(): void;
  entered(joined: Joined): void;
  roster(left: Device[], joined: Member[]): void;
  ordered(notice: OrderNotice): void;
}

export interface SessionParts {
  engine: EngineClient;
  api: TransformAPI;
  codec: VideoCodec;
  /** Codecs that this browser does not play. */
  unplayable: VideoCodec[];
  events: SessionEvents;
  signalling(events: SignallingEvents): Signalling;
  connection(relays: RTCIceServer[]): RTCPeerConnection;
  profile(): Profile;
  order: Order;
  terms: { welcomed(welcome: Welcome): void; entered(joined: Joined): void };
  viewport: Viewport;
  /** Carries the agents' messages for some of the devices; null: all go by signalling. */
  keys: KeyTransport | null;
}
