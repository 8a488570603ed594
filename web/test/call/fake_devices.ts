// Microphones and cameras that are there, or why they are not; and a page that keeps nothing.
import { type Browser, OwnDevices } from '../../src/call/own_devices.ts';

export class FakeTrack extends EventTarget {
  enabled = true;
  stopped = false;
  readyState: 'live' | 'ended' = 'live';
  onended: (() => void) | null = null;
  applied: MediaTrackConstraints[] = [];
  constructor(
    readonly kind: 'audio' | 'video',
    readonly deviceId: string,
  ) {
    super();
  }
  stop() {
    this.stopped = true;
    this.readyState = 'ended';
  }
  getSettings() {
    return { deviceId: this.deviceId };
  }
  async applyConstraints(wish: MediaTrackConstraints) {
    this.applied.push(wish);
  }
  /** It is pulled out, or taken back. */
  lose() {
    this.readyState = 'ended';
    this.dispatchEvent(new Event('ended'));
    this.onended?.();
  }
}

export class FakeStream {
  constructor(readonly tracks: FakeTrack[]) {}
  getTracks() {
    return this.tracks;
  }
  getAudioTracks() {
    return this.tracks.filter((track) => track.kind === 'audio');
  }
  getVideoTracks() {
    return this.tracks.filter((track) => track.kind === 'video');
  }
}

export class FakeDevices extends EventTarget {
  audio: true | string = true;
  video: true | string = true;
  asked: string[] = [];
  wishes: MediaStreamConstraints[] = [];
  made: FakeTrack[] = [];
  there: { kind: MediaDeviceKind; deviceId: string; label: string }[] = [
    { kind: 'audioinput', deviceId: 'mic-1', label: 'Mic' },
    { kind: 'videoinput', deviceId: 'camera-1', label: 'Camera' },
    { kind: 'audiooutput', deviceId: 'speaker-1', label: 'Speaker' },
    { kind: 'videoinput', deviceId: '', label: '' }, // as before permission
  ];

  async getUserMedia(wish: MediaStreamConstraints): Promise<FakeStream> {
    const { audio, video } = wish;
    this.asked.push([audio && 'audio', video && 'video'].filter(Boolean).join('+'));
    this.wishes.push(wish);
    for (const [wanted, there] of [[audio, this.audio] as const, [video, this.video] as const]) {
      if (wanted && there !== true) throw new DOMException('no', there);
    }
    const tracks: FakeTrack[] = [];
    if (audio) tracks.push(new FakeTrack('audio', this.wished(audio, 'audioinput', 'mic-1')));
    if (video) tracks.push(new FakeTrack('video', this.wished(video, 'videoinput', 'camera-1')));
    this.made.push(...tracks);
    return new FakeStream(tracks);
  }

  async enumerateDevices() {
    return this.there;
  }

  /** Devices came or went. */
  change(there: FakeDevices['there']) {
    this.there = there;
    this.dispatchEvent(new Event('devicechange'));
  }

  private wished(wish: boolean | MediaTrackConstraints, kind: MediaDeviceKind, usual: string): string {
    const { deviceId } = typeof wish === 'object' ? wish : {};
    const id = (deviceId as ConstrainDOMStringParameters | undefined)?.ideal;
    if (typeof id === 'string') return id;
    return this.there.find((device) => device.kind === kind)?.deviceId ?? usual;
  }
}

const plain: Omit<Browser, 'media'> = {
  storage: null,
  sinks: true,
  make: { withoutNoise: async (raw) => raw, withBackground: async (raw) => raw, onTouch() {} },
  pictures: { read: async () => null, keep: async () => {} },
  suppressesNoise: true,
  hidesBackground: () => true,
};

export function devicesOf(media: unknown, more: Partial<Browser> = {}): OwnDevices {
  return new OwnDevices({ ...plain, ...more, media: media as MediaDevices | undefined });
}

/** Until everything that was begun is done. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
}
