/**
 * The camera and microphone before the call. `Preview` opens them, says in words why it could not, and hands the open
 * stream to the call with `take`. Nothing it opens leaves this page.
 *
 * Camera off stops the camera, so that its light goes out; microphone off only disables the track, which Firefox would
 * otherwise ask for again.
 */
import { signal } from '@preact/signals';

export type DeviceKind = 'mic' | 'camera';
export type DeviceFault = 'denied' | 'missing' | 'busy';

export interface DeviceTrouble {
  fault: DeviceFault;
  kind: DeviceKind | 'both';
}

type Wanted = Partial<Record<DeviceKind, true>>;

const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 } };

export class Preview {
  readonly stream = signal<MediaStream | null>(null);
  readonly mic = signal(false);
  readonly camera = signal(false);
  readonly opening = signal(false);
  readonly trouble = signal<DeviceTrouble | null>(null);
  readonly microphones = signal<MediaDeviceInfo[]>([]);
  readonly cameras = signal<MediaDeviceInfo[]>([]);
  readonly micId = signal('');
  readonly cameraId = signal('');
  private closed = false;
  private taken = false;

  /** Without a secure context there is no such thing as a camera; the lobby says so, and this stays quiet. */
  constructor(private readonly media: MediaDevices | undefined) {}

  /** Opens both; where one of them is not there, the other. */
  async start(): Promise<void> {
    this.closed = this.taken = false;
    this.stream.value = null;
    this.media?.addEventListener('devicechange', this.list);
    const trouble = await this.open({ mic: true, camera: true });
    if (trouble !== null && trouble.fault !== 'denied') {
      await this.open({ camera: true });
      await this.open({ mic: true });
      const missing = [!this.mic.value && 'mic', !this.camera.value && 'camera'].filter((kind) => kind !== false);
      const [only, other] = missing;
      if (only) this.trouble.value = { fault: trouble.fault, kind: other ? 'both' : (only as DeviceKind) };
    }
    await this.list();
  }

  async setMic(on: boolean): Promise<void> {
    const [track] = this.stream.value?.getAudioTracks() ?? [];
    if (track) {
      track.enabled = on;
      this.mic.value = on;
    } else if (on) {
      await this.open({ mic: true });
      await this.list();
    }
  }

  async setCamera(on: boolean): Promise<void> {
    if (on) {
      await this.open({ camera: true });
      await this.list();
    } else {
      this.replace('video', []);
      this.camera.value = false;
    }
  }

  async choose(kind: DeviceKind, id: string): Promise<void> {
    const [chosen, on] = kind === 'mic' ? [this.micId, this.mic] : [this.cameraId, this.camera];
    chosen.value = id;
    if (on.value) await this.open({ [kind]: true });
  }

  /** The stream now belongs to the call: it is still shown here, and closing the preview no longer stops it. */
  take(): MediaStream | undefined {
    this.taken = true;
    return this.stream.value ?? undefined;
  }

  close(): void {
    this.closed = true;
    this.media?.removeEventListener('devicechange', this.list);
    if (!this.taken) for (const track of this.stream.value?.getTracks() ?? []) track.stop();
    this.stream.value = null;
    this.mic.value = this.camera.value = false;
  }

  private async open(wanted: Wanted): Promise<DeviceTrouble | null> {
    if (!this.media) return null;
    this.opening.value = true;
    try {
      const stream = await this.media.getUserMedia({
        audio: wanted.mic ? chosen(this.micId.value) : false,
        video: wanted.camera ? { ...PICTURE, ...chosen(this.cameraId.value) } : false,
      });
      // Joined or left meanwhile: nobody waits for this one any more.
      if (this.closed || this.taken) for (const track of stream.getTracks()) track.stop();
      else this.opened(wanted, stream);
      return null;
    } catch (error) {
      const kind = wanted.mic && wanted.camera ? 'both' : wanted.mic ? 'mic' : 'camera';
      const trouble: DeviceTrouble = { fault: faultOf(error), kind };
      if (!this.closed) this.trouble.value = trouble;
      return trouble;
    } finally {
      this.opening.value = false;
    }
  }

  private opened(wanted: Wanted, stream: MediaStream): void {
    this.trouble.value = null;
    if (wanted.mic) {
      this.replace('audio', stream.getAudioTracks());
      this.mic.value = true;
    }
    if (wanted.camera) {
      this.replace('video', stream.getVideoTracks());
      this.camera.value = true;
    }
  }

  /** Stops the old tracks of a kind; a new MediaStream object tells everybody who shows it. */
  private replace(kind: 'audio' | 'video', tracks: MediaStreamTrack[]): void {
    const before = this.stream.value?.getTracks() ?? [];
    for (const track of before) if (track.kind === kind) track.stop();
    for (const track of tracks) track.addEventListener('ended', () => this.lost(track));
    this.stream.value = new MediaStream([...before.filter((track) => track.kind !== kind), ...tracks]);
  }

  /** Unplugged, or taken back in the browser's own controls. */
  private lost(track: MediaStreamTrack): void {
    if (this.taken || !this.stream.value?.getTracks().includes(track)) return;
    this.replace(track.kind === 'audio' ? 'audio' : 'video', []);
    const kind = track.kind === 'audio' ? 'mic' : 'camera';
    this[kind].value = false;
    this.trouble.value = { fault: 'missing', kind };
  }

  /** Names of devices are given only after permission, so this runs after opening. */
  private readonly list = async (): Promise<void> => {
    const devices = (await this.media?.enumerateDevices().catch(() => [])) ?? [];
    const usable = devices.filter((device) => device.deviceId !== '');
    this.microphones.value = usable.filter((device) => device.kind === 'audioinput');
    this.cameras.value = usable.filter((device) => device.kind === 'videoinput');
    for (const track of this.stream.value?.getTracks() ?? []) {
      const id = track.kind === 'audio' ? this.micId : this.cameraId;
      id.value = track.getSettings().deviceId ?? id.value;
    }
  };
}

function chosen(id: string): MediaTrackConstraints {
  return id === '' ? {} : { deviceId: { ideal: id } };
}

function faultOf(error: unknown): DeviceFault {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'missing';
  return 'busy';
}
