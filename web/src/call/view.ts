// What the page shows of a call. ui/ imports these types and openMeeting, and nothing else.
import type { ReadonlySignal } from '@preact/signals';
import type { BreakoutsView } from './breakouts.ts';
import type { CaptionsView } from './captions.ts';
import type { DevicesView } from './devices_view.ts';
import type { FilesView } from './files/files.ts';
import type { FollowView } from './follow.ts';
import type { ModerationView } from './moderation.ts';
import type { NetworkCheck } from './network_check.ts';
import type { PageBuild } from './page_build.ts';
import type { PollsView } from './polls.ts';
import type { StageView } from './stage.ts';
import type { WordsRead } from './words.ts';

export type { BreakoutRoom, BreakoutsView, Invitation, MainRoom } from './breakouts.ts';
export { MOST_ROOMS } from './breakouts.ts';
export type { CaptionsView, CaptionView } from './captions.ts';
export type { Background, DeviceOption, DevicesView, Resolution } from './devices_view.ts';
export type { FilesView, FileView } from './files/files.ts';
export type { FollowView } from './follow.ts';
export type { DoneToUs, KnockView, ModerationView, Role, Switchable } from './moderation.ts';
export { moderates } from './moderation.ts';
export type { NetworkCheck } from './network_check.ts';
export type { Flow, Numbers } from './numbers.ts';
export type { PollsView, PollView } from './polls.ts';
export type { RecentMeeting } from './recent.ts';
export type { SpokenView } from './spoken.ts';
export { type Layout, type StageView, type Volume, volumeOf } from './stage.ts';
export type { PageBuild, WordsRead };

export type Phase = 'lobby' | 'connecting' | 'in_call' | 'reconnecting' | 'left' | 'failed';

/** Something that went wrong, in words. The catalogue may have its own words for a code it knows. */
export interface Problem {
  code: string;
  message: string;
  hint?: string;
}

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

/** Names a participant to the methods of Meeting. */
export interface PersonRef {
  user: string;
  device: string;
}

/** A line of the chat. Times are ours, of arrival. */
export interface ChatLine {
  id: number;
  name: string;
  from: PersonRef;
  self: boolean;
  text: string;
  at: number;
  /** Only for us: whom it is from, or, where it is ours, whom it went to. */
  private: boolean;
  to?: string;
  /** A file is offered: its key among `files`, and its name is the text. */
  file?: string;
}

/** A reaction, shown for a moment. */
export interface ReactionView {
  id: number;
  name: string;
  from: PersonRef;
  emoji: string;
}

/** Comparing emoji with somebody; one at a time. */
export interface VerificationView {
  person: PersonRef;
  name: string;
  state: 'requested' | 'waiting' | 'compare' | 'done' | 'cancelled';
  /** 7 indices into Matrix's list, with `compare`; the catalogue has their names. */
  emoji: number[];
  decimal: number[];
  reason?: 'by_us' | 'by_them' | 'timeout' | 'mismatch' | 'failed';
}

/** The encryption of the whole room in one word and one sentence of the catalogue. */
export interface EncryptionView {
  state: 'ok' | 'attention' | 'broken';
  sentenceKey: string;
  count?: number;
  /** Somebody has another list of participants, or does not say which. */
  warning?: 'roster_differs' | 'silent';
}

export type VideoCodec = 'vp8' | 'vp9' | 'av1' | 'h264';

export interface JoinOptions {
  name: string;
  mic: boolean;
  camera: boolean;
  /** The lobby's preview; the call takes its tracks over. */
  stream?: MediaStream;
  codec?: VideoCodec;
  /** Keep this device's identity, and remember whom one meets, in this browser. */
  remember?: boolean;
  /** Keep the meeting's secret in this browser, to open it another day without its link. */
  keepLink?: boolean;
}

/** What this browser keeps of our identity. */
export type IdentityView = 'guest' | 'kept' | 'unavailable';

/** Somebody remembered. */
export interface KnownPerson {
  identity: string;
  name: string;
  verified: boolean;
  blocked: boolean;
}

/** Recording on this device. The file is the page's to make; nothing of it goes anywhere. */
export interface RecordingView {
  readonly on: ReadonlySignal<boolean>;
  /** Tells everybody that one records, or no longer. */
  tell(on: boolean): void;
  /** What is recorded, by tile and in pixels of the recording: it is received as long as `on`, seen or not. */
  take(tiles: ReadonlyMap<string, Size>): void;
  /** One's own sound as it is now, which no tile has. */
  sound(): MediaStream[];
}

/** A meeting as the page sees it. Every change comes through a signal; methods that can fail set problem. */
export interface Meeting {
  readonly slug: string;
  readonly phase: ReadonlySignal<Phase>;
  readonly problem: ReadonlySignal<Problem | null>;
  readonly tiles: ReadonlySignal<TileView[]>;
  readonly mic: ReadonlySignal<boolean>;
  readonly camera: ReadonlySignal<boolean>;
  readonly screen: ReadonlySignal<boolean>;
  readonly encryption: ReadonlySignal<EncryptionView>;
  readonly recording: RecordingView;
  readonly moderation: ModerationView;
  readonly breakouts: BreakoutsView;
  /** Secure context, transforms, engine, secret: null when all is well, else what is wrong (Join stays disabled). */
  prepare(): Promise<Problem | null>;
  /** Opens the meeting by its words, where its link had no secret; then prepare again. Rejects if the list cannot be had. */
  openWithWords(text: string): Promise<WordsRead>;
  /** Likewise by its secret, as it stands behind the # of a link. */
  openWithSecret(secret: string): Promise<void>;
  join(options: JoinOptions): Promise<void>;
  leave(): void;
  /** The full link again, out of the worker, for a click on "Copy link". Absent: the page tells to use one's own. */
  link?(): Promise<string>;
  /** The meeting code of those who are here now: 30 digits in groups of five. Takes a moment. */
  code?(): Promise<string>;
  /** Which build of the page this is. Rejects if the server does not say. */
  build(): Promise<PageBuild>;
  readonly chat: ReadonlySignal<ChatLine[]>;
  readonly reactions: ReadonlySignal<ReactionView[]>;
  readonly hand: ReadonlySignal<boolean>;
  readonly polls: PollsView;
  readonly files: FilesView;
  readonly captions: CaptionsView;
  readonly verification: ReadonlySignal<VerificationView | null>;
  readonly identity: ReadonlySignal<IdentityView>;
  /** Grows whenever the meeting's link was changed: the link from before opens nothing any more. */
  readonly linkChanged: ReadonlySignal<{ times: number; by: string }>;
  /** The tile that is shown large here, by its key. */
  readonly pinned: ReadonlySignal<string | null>;
  pin(tile: string | null): void;
  readonly stage: StageView;
  readonly follow: FollowView;
  /** A tile is seen, this large in pixels of the display, or no longer. What is not seen is not sent here. */
  see(tile: string, size: Size | null): void;
  /** Sends a line, to everybody or to one. Rejects, and the text is not lost, if it could not be sent. */
  say(text: string, to?: PersonRef): Promise<void>;
  react(emoji: string): void;
  /** What one goes by from now on. */
  setName(name: string): void;
  setHand(on: boolean): void;
  verify(person: PersonRef, step: 'request' | 'match' | 'mismatch' | 'cancel'): void;
  /** Puts away a verification that is over. */
  closeVerification(): void;
  /** The text to show as a QR code for this person to scan, and what was scanned from theirs. */
  qr(person: PersonRef): Promise<string>;
  scanned(person: PersonRef, text: string): void;
  block(person: PersonRef): void;
  /** Takes somebody out of everybody's keys; with changeLink the link from before opens nothing any more. */
  remove(person: PersonRef, changeLink: boolean): void;
  /** Deletes what this browser keeps of us and of others. */
  forgetDevice(): Promise<void>;
  known(): Promise<KnownPerson[]>;
  /** Forgets one person, or takes a block back; counts from the next meeting on. */
  forgetPerson(identity: string): Promise<void>;
  /** Tries whether the network would carry a call. */
  checkNetwork(): Promise<NetworkCheck>;
  /** Whether this meeting's secret is kept for another day; null where the link is the embedding page's. */
  readonly kept: { readonly kept: ReadonlySignal<boolean> } | null;
  /** Which devices, and how; the lobby opens its own by it. */
  readonly devices: DevicesView;
  setMicrophone(on: boolean): Promise<void>;
  setCamera(on: boolean): Promise<void>;
  setScreen(on: boolean): Promise<void>;
  /** The page was reloaded in a call: joins again by itself. False when there was none. */
  resumeAfterReload(): Promise<boolean>;
}
