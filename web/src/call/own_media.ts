// One's own microphone, camera and screen: what is on, what is being sent, and what the self view shows. It outlives
// sessions: when a new one begins, everything that is on is published again.
import type { ReadonlySignal } from '@preact/signals';
import type { Source } from '../wire.ts';
import { CAMERA_BACK, DeviceError, deviceProblem, gone, MIC_BACK, MIC_REPLACED, openScreen } from './devices.ts';
import type { OwnDevices } from './own_devices.ts';
import { OwnTracks } from './own_tracks.ts';
import { NoTransformError, type Publisher } from './publish.ts';
import { SignallingError } from './requests.ts';
import type { Problem } from './view.ts';

export interface OwnMediaEvents {
  changed(): void;
  problem(problem: Problem): void;
  noTransform(): void;
}

type Switch = 'mic' | 'camera' | 'screen';
type Device = 'mic' | 'camera';

/** Who plugged a device in again so soon wants it on again; later it would be a surprise. */
const BACK_WITHIN_MS = 60_000;
/** What the browser would have called it. */
const ERRORS = { denied: 'NotAllowedError', hidden: 'BackgroundError' };

export class OwnMedia {
  private readonly tracks: OwnTracks;
  private readonly turns: Record<Switch, Promise<void>> = {
    mic: Promise.resolve(),
    camera: Promise.resolve(),
    screen: Promise.resolve(),
  };
  private readonly events: OwnMediaEvents;
  private readonly devices: OwnDevices;
  private publisher: Publisher | null = null;
  private forbidden = false;
  private presses = 0; // of microphone and camera
  private stops = 0; // counts stop: what was asked for before one is not opened after it

  constructor(events: OwnMediaEvents, devices: OwnDevices) {
    this.events = events;
    this.devices = devices;
    this.tracks = new OwnTracks({
      changed: () => events.changed(),
      sounds: (microphone) => {
        devices.sound.value = microphone;
      },
      ended: (source, track) => this.lost(source, track),
    });
    devices.onChange((kind, what) => void this.change(kind, what));
  }

  get mic(): ReadonlySignal<boolean> {
    return this.tracks.on.mic;
  }

  get camera(): ReadonlySignal<boolean> {
    return this.tracks.on.camera;
  }

  get screen(): ReadonlySignal<boolean> {
    return this.tracks.on.screen;
  }

  /** The picture for one's own tile. */
  stream(source: Source): MediaStream | null {
    return this.tracks.stream(source);
  }

  /** What is being sent, null while it is off. */
  track(source: Source): MediaStreamTrack | null {
    return this.tracks.track(source);
  }

  /** Takes the lobby's preview over; what is not wanted is stopped. */
  adopt(stream: MediaStream, wanted: { mic: boolean; camera: boolean }): void {
    for (const track of stream.getTracks()) {
      const source = track.kind === 'audio' ? 'mic' : 'camera';
      if (!wanted[source] || track.readyState === 'ended' || this.track(source)) track.stop();
      else this.tracks.keep(source, track);
    }
  }

  /** Publishes what is on in a new session, or, with null, in none. */
  async publishIn(publisher: Publisher | null): Promise<void> {
    this.publisher = publisher;
    if (!publisher) return;
    await Promise.all(this.tracks.all.map(([source, track]) => this.publish(source, track)));
  }

  setMicrophone(on: boolean): Promise<void> {
    this.presses++;
    return this.inTurn('mic', on, (stopped) => this.switchDevice('mic', on, stopped));
  }

  setCamera(on: boolean): Promise<void> {
    this.presses++;
    return this.inTurn('camera', on, (stopped) => this.switchDevice('camera', on, stopped));
  }

  setScreen(on: boolean): Promise<void> {
    return this.inTurn('screen', on, (stopped) => (on ? this.shareScreen(stopped) : this.unshareScreen()));
  }

  /** Encryption does not work: everything goes off, and stays off. */
  forbid(): void {
    this.forbidden = true;
    const { publisher } = this;
    publisher?.detachAll();
    this.stop();
    // The others then see that there is nothing, instead of the last picture. It may fail: nothing is sent any more.
    publisher?.end('mic', 'camera', 'screen', 'screen_audio').catch(() => {});
  }

  /** The machine slept: what ended meanwhile without a word is replaced, or said to be gone. */
  lookAgain(): void {
    for (const [source, track] of this.tracks.all) if (track.readyState === 'ended') this.lost(source, track);
  }

  /** Stops every device: the lights go out. */
  stop(): void {
    this.stops++;
    this.publisher = null;
    for (const [source] of this.tracks.all) this.tracks.drop(source);
  }

  /** What a switch is to be, and changes of its device, are carried out in their order, however long a device takes. */
  private inTurn(which: Switch, on: boolean | 'same', act: (stopped: () => boolean) => Promise<void>): Promise<void> {
    const { stops } = this;
    const stopped = () => this.forbidden || this.stops !== stops;
    const turn = this.turns[which].then(async () => {
      if (stopped() || this.tracks.on[which].value === on) return;
      try {
        await act(stopped);
      } catch (error) {
        this.explain(error);
      }
    });
    this.turns[which] = turn;
    return turn;
  }

  private async switchDevice(source: Device, on: boolean, stopped: () => boolean): Promise<void> {
    if (on) return this.open(source, stopped);
    this.tracks.drop(source);
    await this.publisher?.mute(source);
  }

  private async open(source: Device, stopped: () => boolean): Promise<void> {
    const wanted = source === 'mic' ? { mic: true as const } : { camera: true as const };
    const [track] = await this.devices.open(wanted).catch((error: unknown) => {
      throw new DeviceError(deviceProblem(source, error));
    });
    if (!track) throw new DeviceError(deviceProblem(source, new DOMException('no track', 'NotFoundError')));
    if (stopped()) return track.stop();
    this.tracks.keep(source, track);
    await this.publish(source, track);
  }

  /** Another device was chosen, or another size. What is off is opened as is chosen once it is switched on. */
  private change(source: Device, what: 'device' | 'size' | 'treatment'): Promise<void> {
    return this.inTurn(source, 'same', async (stopped) => {
      const track = this.track(source);
      if (!track) return;
      if (what === 'device') return this.reopen(source, track, stopped);
      if (what === 'treatment') return this.treatAgain(source, track, stopped);
      await this.devices.resize(track);
      if (!stopped()) await this.publish(source, track);
    });
  }

  private async treatAgain(source: Device, before: MediaStreamTrack, stopped: () => boolean): Promise<void> {
    try {
      const now = await this.devices.treatAgain(before);
      if (stopped()) return now.stop();
      before.onended = null;
      this.tracks.keep(source, now);
      await this.publish(source, now);
      this.devices.putAway(before, now);
    } catch (error) {
      this.tracks.drop(source);
      await this.publisher?.mute(source);
      throw new DeviceError(deviceProblem(source, error));
    }
  }

  /** The one before is closed first: phones give a page one camera at a time. */
  private async reopen(source: Device, before: MediaStreamTrack, stopped: () => boolean): Promise<void> {
    before.onended = null;
    before.stop();
    try {
      await this.open(source, stopped);
    } catch (error) {
      this.tracks.drop(source);
      await this.publisher?.mute(source);
      throw error;
    }
  }

  private async shareScreen(stopped: () => boolean): Promise<void> {
    const { video, audio } = await openScreen();
    if (stopped()) {
      for (const track of [video, audio]) track?.stop();
      return;
    }
    this.tracks.keep('screen', video);
    if (audio) this.tracks.keep('screen_audio', audio);
    await this.publish('screen', video);
    if (audio) await this.publish('screen_audio', audio);
  }

  private async unshareScreen(): Promise<void> {
    this.tracks.drop('screen');
    this.tracks.drop('screen_audio');
    await this.publisher?.end('screen', 'screen_audio');
  }

  private async publish(source: Source, track: MediaStreamTrack): Promise<void> {
    try {
      await this.publisher?.send(source, track);
    } catch (error) {
      this.explain(error);
    }
  }

  private explain(error: unknown): void {
    if (error instanceof NoTransformError) return this.events.noTransform();
    if (error instanceof DeviceError) return this.events.problem(error.problem);
    if (error instanceof SignallingError && error.code === 'session_ended') return; // the next session publishes again
    const hint = error instanceof SignallingError ? error.hint : undefined;
    const message = `Your media could not be sent: ${(error as Error).message}`;
    this.events.problem({ code: 'publish_failed', message, hint: hint ?? 'Switch it off and on again.' });
  }

  /** Unplugged, or taken back in the browser's own controls. */
  private lost(source: Source, track: MediaStreamTrack): void {
    if (this.track(source) !== track) return;
    if (source === 'mic' || source === 'camera') void this.replace(source, track);
    else if (source === 'screen') void this.setScreen(false);
  }

  /** Another microphone takes the place of one that is gone. A camera would show what nobody meant to show. */
  private replace(source: Device, lost: MediaStreamTrack): Promise<void> {
    return this.inTurn(source, 'same', async (stopped) => {
      if (this.track(source) !== lost) return;
      const hidden = source === 'camera' && this.devices.backgroundState.value === 'failed';
      const { deviceId = '' } = lost.getSettings();
      const why = hidden ? 'hidden' : await this.devices.whyLost(source, deviceId);
      if (stopped()) return;
      const other = this.devices.listed(source).some(({ id }) => id !== deviceId);
      if (source === 'mic' && why === 'gone' && other) {
        await this.reopen(source, lost, stopped);
        if (!stopped()) this.events.problem(MIC_REPLACED);
        return;
      }
      this.tracks.drop(source);
      await this.publisher?.mute(source);
      this.events.problem(why === 'gone' ? gone(source) : deviceProblem(source, new DOMException('', ERRORS[why])));
      if (why === 'gone') void this.awaitReturn(source, deviceId, stopped);
    });
  }

  private async awaitReturn(source: Device, id: string, stopped: () => boolean): Promise<void> {
    const { presses } = this;
    const back = await this.devices.back(source, id, BACK_WITHIN_MS);
    if (!back || stopped() || this.presses !== presses) return; // a person decided meanwhile
    await (source === 'mic' ? this.setMicrophone(true) : this.setCamera(true));
    if (this.tracks.on[source].value) this.events.problem(source === 'mic' ? MIC_BACK : CAMERA_BACK);
  }
}
