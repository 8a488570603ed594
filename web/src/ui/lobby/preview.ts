/**
 * The camera and microphone before the call. `Preview` opens them, says in words why it could not, and hands the open
 * stream to the call with `take`. Nothing it opens leaves this page.
 *
 * Camera off stops the camera, so that its light goes out; microphone off only disables the track, which Firefox would
 * otherwise ask for again.
 */
import { signal } from '@preact/signals';
import type { DevicesView } from '../../call/view.ts';
import { type DeviceKind, type DeviceTrouble, faultOf } from './trouble.ts';

type Wanted = Partial<Record<DeviceKind, true>>;

export class Preview {
  readonly stream = signal<MediaStream | null>(null);
  readonly mic = signal(false);
  readonly camera = signal(false);
  readonly opening = signal(false);
  readonly trouble = signal<DeviceTrouble | null>(null);
  private unlisten: (() => void) | null = null;
  private closed = false;
  private taken = false;

  constructor(private readonly devices: DevicesView) {}

  /** Opens both; where one of them is not there, the other. */
  async start(): Promise<void> {
    this.closed = this.taken = false;
    this.stream.value = null;
    this.unlisten ??= this.devices.onChange((kind, what) => void this.change(kind, what));
    const trouble = await this.open({ mic: true, camera: true });
    if (trouble !== null && trouble.fault !== 'denied') {
      await this.open({ camera: true });
      await this.open({ mic: true });
      const missing = [!this.mic.value && 'mic', !this.camera.value && 'camera'].filter((kind) => kind !== false);
      const [only, other] = missing;
      if (only) this.trouble.value = { fault: trouble.fault, kind: other ? 'both' : (only as DeviceKind) };
    }
  }

  async setMic(on: boolean): Promise<void> {
    const [track] = this.stream.value?.getAudioTracks() ?? [];
    if (track) {
      track.enabled = on;
      this.mic.value = on;
    } else if (on) {
      await this.open({ mic: true });
    }
  }

  async setCamera(on: boolean): Promise<void> {
    if (on) {
      await this.open({ camera: true });
    } else {
      this.replace('video', []);
      this.camera.value = false;
    }
  }

  /** The stream now belongs to the call: it is still shown here, and closing the preview no longer stops it. */
  take(): MediaStream | undefined {
    this.taken = true;
    return this.stream.value ?? undefined;
  }

  close(): void {
    this.closed = true;
    this.unlisten?.();
    this.unlisten = null;
    if (!this.taken) for (const track of this.stream.value?.getTracks() ?? []) track.stop();
    this.stream.value = null;
    this.mic.value = this.camera.value = false;
  }

  private async open(wanted: Wanted): Promise<DeviceTrouble | null> {
    this.opening.value = true;
    try {
      const tracks = await this.devices.open(wanted);
      // Joined or left meanwhile: nobody waits for this one any more.
      if (this.closed || this.taken) for (const track of tracks) track.stop();
      else this.opened(wanted, tracks);
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

  private opened(wanted: Wanted, tracks: MediaStreamTrack[]): void {
    this.trouble.value = null;
    if (wanted.mic) {
      this.replace('audio', ofKind(tracks, 'audio'));
      this.mic.value = true;
    }
    if (wanted.camera) {
      this.replace('video', ofKind(tracks, 'video'));
      this.camera.value = true;
    }
  }

  private exchange(before: MediaStreamTrack, now: MediaStreamTrack): void {
    const others = this.stream.value?.getTracks().filter((track) => track !== before) ?? [];
    this.show(now);
    this.stream.value = new MediaStream([...others, now]);
  }

  /** Stops the old tracks of a kind; a new MediaStream object tells everybody who shows it. */
  private replace(kind: 'audio' | 'video', tracks: MediaStreamTrack[]): void {
    const before = this.stream.value?.getTracks() ?? [];
    for (const track of before) if (track.kind === kind) track.stop();
    for (const track of tracks) this.show(track);
    this.stream.value = new MediaStream([...before.filter((track) => track.kind !== kind), ...tracks]);
  }

  private show(track: MediaStreamTrack): void {
    track.addEventListener('ended', () => this.lost(track));
  }

  /** Unplugged, or taken back in the browser's own controls. */
  private lost(track: MediaStreamTrack): void {
    if (this.taken || !this.stream.value?.getTracks().includes(track)) return;
    this.replace(track.kind === 'audio' ? 'audio' : 'video', []);
    const kind = track.kind === 'audio' ? 'mic' : 'camera';
    this[kind].value = false;
    const hidden = kind === 'camera' && this.devices.backgroundState.value === 'failed';
    this.trouble.value = { fault: hidden ? 'background' : 'missing', kind };
  }

  /** What was set in the lobby: another device takes the place of the one before. */
  private async change(kind: DeviceKind, what: 'device' | 'size' | 'treatment'): Promise<void> {
    if (this.taken) return;
    const [camera] = this.stream.value?.getVideoTracks() ?? [];
    if (what === 'size') await (camera && this.devices.resize(camera));
    else if (what === 'treatment') await this.treatAgain(kind);
    else if (this[kind].value) await this.open({ [kind]: true });
    else if (kind === 'mic') this.replace('audio', []); // one that is closed is not the one to open again
  }

  private async treatAgain(kind: DeviceKind): Promise<void> {
    const of = kind === 'mic' ? 'audio' : 'video';
    const before = ofKind(this.stream.value?.getTracks() ?? [], of)[0];
    if (!before) return;
    this.opening.value = true;
    try {
      const now = await this.devices.treatAgain(before);
      if (this.closed || this.taken) return now.stop();
      now.enabled = before.enabled;
      if (now !== before) this.exchange(before, now);
      this.devices.putAway(before, now);
    } catch (error) {
      this.replace(of, []);
      this[kind].value = false;
      this.trouble.value = { fault: faultOf(error), kind };
    } finally {
      this.opening.value = false;
    }
  }
}

function ofKind(tracks: MediaStreamTrack[], kind: string): MediaStreamTrack[] {
  return tracks.filter((track) => track.kind === kind);
}
