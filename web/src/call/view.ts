// What the page shows of a call. ui/ imports these types and openMeeting, and nothing else.
import type { ReadonlySignal } from '@preact/signals';
import type { BreakoutsView } from './breakouts.ts';
import type { CaptionsView } from './captions.ts';
import type { ChatLine } from './chat.ts';
import type { DevicesView } from './devices_view.ts';
import type { EncryptionView } from './encryption.ts';
import type { FilesView } from './files/files_view.ts';
import type { FollowView } from './follow.ts';
import type { KeysOverMatrix } from './key_transport.ts';
import type { ModerationView } from './moderation.ts';
import type { NetworkCheck } from './network_check.ts';
import type { IdentityView, KnownPerson } from './own_identity.ts';
import type { PageBuild } from './page_build.ts';
import type { PollsView } from './polls.ts';
import type { ReactionView } from './reactions.ts';
import type { RecordingView } from './recording.ts';
import type { StageView } from './stage.ts';
import type { TermsView } from './terms.ts';
import type { Size, TileView } from './tile_view.ts';
import type { VerificationView } from './verifications.ts';
import type { WordsRead } from './words.ts';

export type { BreakoutRoom, BreakoutsView, Invitation, MainRoom, SentView } from './breakouts.ts';
export { MOST_ROOMS } from './breakouts.ts';
export type { CaptionsView, CaptionView } from './captions.ts';
export type { ChatLine } from './chat.ts';
export type { Background, DeviceOption, DevicesView, Resolution } from './devices_view.ts';
export type { EncryptionView } from './encryption.ts';
export type { FilesView, FileView } from './files/files_view.ts';
export type { FollowView } from './follow.ts';
export { deviceName, type KeysOverMatrix } from './key_transport.ts';
export type { DoneToUs, KnockView, ModerationView, Role, Switchable } from './moderation.ts';
export { moderates } from './moderation.ts';
export type { NetworkCheck } from './network_check.ts';
export type { Flow, Numbers } from './numbers.ts';
export type { IdentityView, KnownPerson } from './own_identity.ts';
export type { PollsView, PollView } from './polls.ts';
export type { ReactionView } from './reactions.ts';
export type { RecentMeeting } from './recent.ts';
export type { RecordingView } from './recording.ts';
export type { SpokenView } from './spoken.ts';
export { type Layout, type StageView, type Volume, volumeOf } from './stage.ts';
export type { TermsView } from './terms.ts';
export { concerning, healthy, type Size, type TileState, type TileView } from './tile_view.ts';
export type { VerificationView } from './verifications.ts';
export type { PageBuild, WordsRead };

export type Phase = 'lobby' | 'connecting' | 'in_call' | 'reconnecting' | 'left' | 'failed';

/** Something that went wrong, in words. The catalogue may have its own words for a code it knows. */
export interface Problem {
  code: string;
  message: string;
  hint?: string;
}

/** Names a participant to the methods of Meeting. */
export interface PersonRef {
  user: string;
  device: string;
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
  /** Where a Matrix client around the page carries the keys; else null. */
  readonly matrix: ReadonlySignal<KeysOverMatrix> | null;
  readonly recording: RecordingView;
  readonly moderation: ModerationView;
  readonly terms: TermsView;
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
