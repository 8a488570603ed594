// Which microphone, camera and speaker one uses, and how: chosen in the lobby or in the call, kept in this browser. Whoever
// needs a device opens it here, and is told when another one was chosen.
import { signal } from '@preact/signals';
import type { Background, DeviceChange, DeviceOption, DevicesView, Resolution, Used } from './devices_view.ts';
import { canHideBackground, canSuppressNoise } from './effects/capable.ts';
import { rawOf } from './effects/derived.ts';
import { browserPictures, type PictureStore } from './effects/kept_picture.ts';
import { browserMakers } from './effects/makers.ts';
import { type Makers, Treatment } from './treatment.ts';

const STORED = 'grotto.devices';

/** What is wished of a camera; it gives what comes nearest. */
const SIZES: Record<Resolution, { width: number; height: number }> = {
  180: { width: 320, height: 180 },
  360: { width: 640, height: 360 },
  720: { width: 1280, height: 720 },
  1080: { width: 1920, height: 1080 },
};
const FRAME_RATE = 30;
const USUAL: Resolution = 720;

interface Kept {
  mic?: string;
  camera?: string;
  speaker?: string;
  resolution?: Resolution;
  noise?: boolean;
  background?: Background;
}

/** What of the browser is used, so that tests can be one. */
export interface Browser {
  /** Absent without a secure context. */
  media: MediaDevices | undefined;
  /** Null where the browser keeps nothing. */
  storage: Pick<Storage, 'getItem' | 'setItem'> | null;
  /** Whether sound can be sent to a chosen speaker. */
  sinks: boolean;
  /** What is done to sound and picture, where it can be done. */
  make: Makers;
  pictures: PictureStore;
  suppressesNoise: boolean;
  /** Asked when it is first needed: to find out takes a moment. */
  hidesBackground(): boolean;
}

export class OwnDevices implements DevicesView {
  readonly microphones = signal<DeviceOption[]>([]);
  readonly cameras = signal<DeviceOption[]>([]);
  readonly speakers = signal<DeviceOption[]>([]);
  readonly sound = signal<MediaStream | null>(null);
  readonly can: DevicesView['can'];
  private readonly chosen = { mic: signal(''), camera: signal(''), speaker: signal('') };
  private readonly size = signal<Resolution>(USUAL);
  private readonly treatment: Treatment;
  private readonly browser: Browser;
  private readonly told = new Set<DeviceChange>();

  constructor(browser: Browser) {
    this.browser = browser;
    const asks = browser.media && 'selectAudioOutput' in browser.media;
    this.can = {
      chooseSpeaker: browser.sinks,
      askForSpeaker: browser.sinks && asks === true,
      suppressNoise: browser.suppressesNoise,
      get hideBackground() {
        return browser.hidesBackground();
      },
    };
    this.treatment = new Treatment(browser.make, browser.pictures, (kind) => this.tell(kind, 'treatment'));
    const kept = this.read();
    for (const kind of ['mic', 'camera', 'speaker'] as const) this.chosen[kind].value = kept[kind] ?? '';
    if (kept.resolution !== undefined && kept.resolution in SIZES) this.size.value = kept.resolution;
    this.treatment.noise.value = kept.noise === true && this.can.suppressNoise;
    void this.treatment.restore(kept.background === 'image' || kept.background === 'blur' ? kept.background : 'none');
    browser.media?.addEventListener?.('devicechange', () => void this.look());
  }

  get micId() {
    return this.chosen.mic;
  }

  get cameraId() {
    return this.chosen.camera;
  }

  get speakerId() {
    return this.chosen.speaker;
  }

  get resolution() {
    return this.size;
  }

  get noise() {
    return this.treatment.noise;
  }

  get noiseState() {
    return this.treatment.noiseState;
  }

  get background() {
    return this.treatment.background;
  }

  get pictured() {
    return this.treatment.pictured;
  }

  get backgroundState() {
    return this.treatment.backgroundState;
  }

  setNoise(on: boolean): void {
    this.treatment.setNoise(on);
    this.keep();
  }

  async setBackground(background: Background, file?: Blob): Promise<void> {
    await this.treatment.setBackground(background, file);
    this.keep();
  }

  forgetPicture(): void {
    this.treatment.forgetPicture();
    this.keep();
  }

  /** Calls back when the microphone or camera is to be another one, or of another size, until the answer is called. */
  onChange(change: DeviceChange): () => void {
    this.told.add(change);
    return () => this.told.delete(change);
  }

  choose(kind: Used, id: string): void {
    if (this.chosen[kind].value === id) return;
    this.chosen[kind].value = id;
    this.keep();
    if (kind !== 'speaker') this.tell(kind, 'device');
  }

  setResolution(resolution: Resolution): void {
    if (this.size.value === resolution) return;
    this.size.value = resolution;
    this.keep();
    this.tell('camera', 'size');
  }

  /** Firefox lists speakers only when it was asked to, in a window of its own. */
  async askForSpeaker(): Promise<void> {
    const media = this.browser.media as (MediaDevices & { selectAudioOutput?(): Promise<MediaDeviceInfo> }) | undefined;
    const speaker = await media?.selectAudioOutput?.().catch(() => null); // the person changed their mind
    if (!speaker) return;
    await this.look();
    if (!this.speakers.value.some(({ id }) => id === speaker.deviceId)) {
      this.speakers.value = [...this.speakers.value, { id: speaker.deviceId, label: speaker.label }];
    }
    this.choose('speaker', speaker.deviceId);
  }

  /** Opens what is wanted with one question to the person; throws the browser's own error. */
  async open(wanted: { mic?: true; camera?: true }): Promise<MediaStreamTrack[]> {
    const { media } = this.browser;
    if (!media) throw new DOMException('no devices here', 'NotFoundError');
    const stream = await media.getUserMedia({
      audio: wanted.mic ? this.wish('mic') : false,
      video: wanted.camera ? { ...this.picture(), ...this.wish('camera') } : false,
    });
    for (const track of stream.getTracks()) this.opened(track);
    void this.look(); // their names are told only now
    const treated = await Promise.allSettled(stream.getTracks().map((raw) => this.treatment.treat(raw)));
    const failed = treated.find((one) => one.status === 'rejected');
    const tracks = treated.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    if (!failed) return tracks;
    for (const track of tracks) track.stop();
    throw failed.reason;
  }

  treatAgain(track: MediaStreamTrack): Promise<MediaStreamTrack> {
    return this.treatment.treatAgain(track);
  }

  putAway(before: MediaStreamTrack, now: MediaStreamTrack): void {
    this.treatment.putAway(before, now);
  }

  /** Has an open camera give pictures of the size that is wished now. */
  async resize(camera: MediaStreamTrack): Promise<void> {
    await rawOf(camera)
      .applyConstraints(this.picture())
      .catch(() => {}); // it stays as it is
  }

  /** Why a device ended by itself: the person or the system took it back, or it is not there any more. */
  async whyLost(kind: 'mic' | 'camera', id: string): Promise<'denied' | 'gone'> {
    await this.look();
    const name = (kind === 'mic' ? 'microphone' : 'camera') as PermissionName;
    const status = await navigator.permissions?.query({ name }).catch(() => null); // not every browser knows these names
    // Taken back for now only, it is there still, and the browser asks the next time.
    const asks = status?.state === 'prompt' && this.listed(kind).some((device) => device.id === id);
    return asks || status?.state === 'denied' ? 'denied' : 'gone';
  }

  /** Resolves with true when the device is back before so long, with false when it is not. */
  async back(kind: 'mic' | 'camera', id: string, withinMs: number): Promise<boolean> {
    const { media } = this.browser;
    if (!media || id === '') return false;
    return new Promise((resolve) => {
      const end = (back: boolean) => {
        clearTimeout(timer);
        media.removeEventListener('devicechange', see);
        resolve(back);
      };
      const see = async () => {
        await this.look();
        if (this.listed(kind).some((device) => device.id === id)) end(true);
      };
      const timer = setTimeout(() => end(false), withinMs);
      media.addEventListener('devicechange', see);
    });
  }

  listed(kind: 'mic' | 'camera'): DeviceOption[] {
    return (kind === 'mic' ? this.microphones : this.cameras).value;
  }

  /** Names of devices are given only after permission: to be called again after opening. */
  async look(): Promise<void> {
    const devices = (await this.browser.media?.enumerateDevices().catch(() => [])) ?? [];
    const of = (kind: MediaDeviceKind) =>
      devices
        .filter((device) => device.kind === kind && device.deviceId !== '')
        .map(({ deviceId, label }) => ({ id: deviceId, label }));
    this.microphones.value = of('audioinput');
    this.cameras.value = of('videoinput');
    this.speakers.value = of('audiooutput');
  }

  private wish(kind: 'mic' | 'camera'): MediaTrackConstraints {
    const id = this.chosen[kind].value;
    return id === '' ? {} : { deviceId: { ideal: id } }; // the one of last time may be unplugged
  }

  private picture(): MediaTrackConstraints {
    const { width, height } = SIZES[this.size.value];
    return { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: FRAME_RATE } };
  }

  /** What the browser opened may be another one than was wished. It is shown, not kept: the wish may come back. */
  private opened(track: MediaStreamTrack): void {
    const kind = track.kind === 'audio' ? 'mic' : 'camera';
    this.chosen[kind].value = track.getSettings?.().deviceId ?? this.chosen[kind].value;
  }

  private tell(kind: 'mic' | 'camera', what: 'device' | 'size' | 'treatment'): void {
    for (const change of this.told) change(kind, what);
  }

  private read(): Kept {
    try {
      const kept: unknown = JSON.parse(this.browser.storage?.getItem(STORED) ?? '{}');
      return typeof kept === 'object' && kept !== null ? kept : {};
    } catch {
      return {};
    }
  }

  private keep(): void {
    const { mic, camera, speaker } = this.chosen;
    const { noise, background } = this.treatment;
    const kept: Kept = { resolution: this.size.value, noise: noise.value, background: background.value };
    for (const [kind, id] of [
      ['mic', mic],
      ['camera', camera],
      ['speaker', speaker],
    ] as const) {
      if (id.value !== '') kept[kind] = id.value;
    }
    try {
      this.browser.storage?.setItem(STORED, JSON.stringify(kept));
    } catch {
      // It holds until the page is closed.
    }
  }
}

/** Of this browser. */
export function ownDevices(): OwnDevices {
  let storage: Storage | null = null;
  try {
    storage = globalThis.localStorage ?? null;
  } catch {
    // Storage is switched off.
  }
  const sinks = typeof HTMLMediaElement !== 'undefined' && 'setSinkId' in HTMLMediaElement.prototype;
  return new OwnDevices({
    media: navigator.mediaDevices,
    storage,
    sinks,
    make: browserMakers,
    pictures: browserPictures,
    suppressesNoise: canSuppressNoise(),
    hidesBackground: canHideBackground,
  });
}
