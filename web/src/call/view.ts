// What the page shows of a call. ui/ imports these types and openMeeting, and nothing else.
import type { ReadonlySignal } from '@preact/signals';

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
  | 'cannot_decrypt'
  | 'wrong_secret'
  | 'refused'
  | 'no_transform'
  | 'engine_failed';

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
}

/** The encryption of the whole room in one word and one sentence of the catalogue. */
export interface EncryptionView {
  state: 'ok' | 'attention' | 'broken';
  sentenceKey: string;
  count?: number;
  /** Somebody has another list of participants, or does not say which. */
  warning?: 'roster_differs' | 'silent';
}

export type VideoCodec = 'vp8' | 'vp9' | 'av1';

export interface JoinOptions {
  name: string;
  micId?: string;
  cameraId?: string;
  mic: boolean;
  camera: boolean;
  /** The lobby's preview; the call takes its tracks over. */
  stream?: MediaStream;
  codec?: VideoCodec;
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
  /** Secure context, transforms, engine, secret: null when all is well, else what is wrong (Join stays disabled). */
  prepare(): Promise<Problem | null>;
  join(options: JoinOptions): Promise<void>;
  leave(): void;
  /** The full link again, out of the worker, for a click on "Copy link". Absent: the page tells to use one's own. */
  link?(): Promise<string>;
  /** The meeting code of those who are here now: 30 digits in groups of five. Takes a moment. */
  code?(): Promise<string>;
  setMicrophone(on: boolean): Promise<void>;
  setCamera(on: boolean): Promise<void>;
  setScreen(on: boolean): Promise<void>;
  /** The page was reloaded in a call: joins again by itself. False when there was none. */
  resumeAfterReload(): Promise<boolean>;
}
