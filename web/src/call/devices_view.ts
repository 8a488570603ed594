// What the page shows of one's devices, and what a person can set about them.
import type { ReadonlySignal } from '@preact/signals';

export type Used = 'mic' | 'camera' | 'speaker';

/** A device to choose. Its label is '' before the browser may tell it. */
export interface DeviceOption {
  id: string;
  label: string;
}

/** Of the camera's picture: its lines. */
export type Resolution = 180 | 360 | 720 | 1080;

/** What is behind one in one's own picture. */
export type Background = 'none' | 'blur' | 'image';

export type TreatmentState = 'off' | 'loading' | 'on' | 'slow' | 'failed';

export interface DevicesView {
  readonly microphones: ReadonlySignal<DeviceOption[]>;
  readonly cameras: ReadonlySignal<DeviceOption[]>;
  readonly speakers: ReadonlySignal<DeviceOption[]>;
  /** The chosen ones; '' leaves it to the system. */
  readonly micId: ReadonlySignal<string>;
  readonly cameraId: ReadonlySignal<string>;
  readonly speakerId: ReadonlySignal<string>;
  readonly resolution: ReadonlySignal<Resolution>;
  /** One's own microphone in a call, for a level meter; null while it is off. */
  readonly sound: ReadonlySignal<MediaStream | null>;
  /** Whether noise is taken out of one's voice here, and what became of it. */
  readonly noise: ReadonlySignal<boolean>;
  readonly noiseState: ReadonlySignal<TreatmentState>;
  readonly background: ReadonlySignal<Background>;
  /** There is a picture for the background. */
  readonly pictured: ReadonlySignal<boolean>;
  /** 'slow': pictures are smaller than they were wished, for they took too long. 'failed': there is no picture. */
  readonly backgroundState: ReadonlySignal<TreatmentState>;
  readonly can: {
    readonly suppressNoise: boolean;
    readonly hideBackground: boolean;
    readonly chooseSpeaker: boolean;
    /** The browser lists speakers only after askForSpeaker, which needs a click. */
    readonly askForSpeaker: boolean;
  };
  choose(kind: Used, id: string): void;
  setResolution(resolution: Resolution): void;
  askForSpeaker(): Promise<void>;
  setNoise(on: boolean): void;
  /** With 'image' a picture, the first time; it is kept in this browser. Rejects where the file is none. */
  setBackground(background: Background, file?: Blob): Promise<void>;
  /** The picture is not kept any more. */
  forgetPicture(): void;
  /** Opens what is wanted with one question to the person; throws the browser's own error. */
  open(wanted: { mic?: true; camera?: true }): Promise<MediaStreamTrack[]>;
  /** Has an open camera give pictures of the size that is wished now. */
  resize(camera: MediaStreamTrack): Promise<void>;
  /** The same device treated as is wished now. The track before is put away once the answer is in its place. */
  treatAgain(track: MediaStreamTrack): Promise<MediaStreamTrack>;
  putAway(before: MediaStreamTrack, now: MediaStreamTrack): void;
  /** Calls back when the microphone or camera is to be another one, or of another size, until the answer is called. */
  onChange(change: DeviceChange): () => void;
  /** Lists what is there anew. */
  look(): Promise<void>;
}

export type DeviceChange = (kind: 'mic' | 'camera', what: 'device' | 'size' | 'treatment') => void;
