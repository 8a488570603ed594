// One's own microphone, camera and screen: what is on, what is being sent, and what the self view shows. It outlives
// sessions: when a new one begins, everything that is on is published again.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Source } from '../wire.ts';
import { DeviceError, openDevice, openScreen } from './devices.ts';
import { NoTransformError, type Publisher } from './publish.ts';
import { SignallingError } from './signalling.ts';
import type { Problem } from './view.ts';

export interface OwnMediaEvents {
  changed(): void;
  problem(problem: Problem): void;
  noTransform(): void;
}

type Switch = 'mic' | 'camera' | 'screen';

export class OwnMedia {
  private readonly on = { mic: signal(false), camera: signal(false), screen: signal(false) };
  private readonly tracks = new Map<Source, MediaStreamTrack>();
  private readonly streams = new Map<Source, MediaStream>();
  private readonly turns: Record<Switch, Promise<void>> = {
    mic: Promise.resolve(),
    camera: Promise.resolve(),
    screen: Promise.resolve(),
  };
  private readonly events: OwnMediaEvents;
  private publisher: Publisher | null = null;
  private forbidden = false;
  private stops = 0; // counts stop: what was asked for before one is not opened after it
  micId: string | undefined;
  cameraId: string | undefined;

  constructor(events: OwnMediaEvents) {
    this.events = events;
  }

  get mic(): ReadonlySignal<boolean> {
    return this.on.mic;
  }

  get camera(): ReadonlySignal<boolean> {
    return this.on.camera;
  }

  get screen(): ReadonlySignal<boolean> {
    return this.on.screen;
  }

  /** The picture for one's own tile. */
  stream(source: Source): MediaStream | null {
    return this.streams.get(source) ?? null;
  }

  /** What is being sent, null while it is off. */
  track(source: Source): MediaStreamTrack | null {
    return this.tracks.get(source) ?? null;
  }

  /** Takes the lobby's preview over; what is not wanted is stopped. */
  adopt(stream: MediaStream, wanted: { mic: boolean; camera: boolean }): void {
    for (const track of stream.getTracks()) {
      const source = track.kind === 'audio' ? 'mic' : 'camera';
      if (!wanted[source] || track.readyState === 'ended' || this.tracks.has(source)) track.stop();
      else this.keep(source, track);
    }
  }

  /** Publishes what is on in a new session, or, with null, in none. */
  async publishIn(publisher: Publisher | null): Promise<void> {
    this.publisher = publisher;
    if (!publisher) return;
    await Promise.all([...this.tracks].map(([source, track]) => this.publish(source, track)));
  }

  setMicrophone(on: boolean): Promise<void> {
    return this.inTurn('mic', on, (stopped) => this.switchDevice('mic', on, stopped));
  }

  setCamera(on: boolean): Promise<void> {
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

  /** Stops every device: the lights go out. */
  stop(): void {
    this.stops++;
    this.publisher = null;
    for (const source of [...this.tracks.keys()]) this.drop(source);
  }

  /** Presses of one switch are carried out in their order, however long a device takes. */
  private inTurn(which: Switch, on: boolean, act: (stopped: () => boolean) => Promise<void>): Promise<void> {
    const { stops } = this;
    const stopped = () => this.forbidden || this.stops !== stops;
    const turn = this.turns[which].then(async () => {
      if (stopped() || this.on[which].value === on) return;
      try {
        await act(stopped);
      } catch (error) {
        this.explain(error);
      }
    });
    this.turns[which] = turn;
    return turn;
  }

  private async switchDevice(source: 'mic' | 'camera', on: boolean, stopped: () => boolean): Promise<void> {
    if (!on) {
      this.drop(source);
      await this.publisher?.mute(source);
      return;
    }
    const track = await openDevice(source, source === 'mic' ? this.micId : this.cameraId);
    if (stopped()) return track.stop();
    this.keep(source, track);
    await this.publish(source, track);
  }

  private async shareScreen(stopped: () => boolean): Promise<void> {
    const { video, audio } = await openScreen();
    if (stopped()) {
      for (const track of [video, audio]) track?.stop();
      return;
    }
    this.keep('screen', video);
    if (audio) this.keep('screen_audio', audio);
    await this.publish('screen', video);
    if (audio) await this.publish('screen_audio', audio);
  }

  private async unshareScreen(): Promise<void> {
    this.drop('screen');
    this.drop('screen_audio');
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

  private keep(source: Source, track: MediaStreamTrack): void {
    this.tracks.set(source, track);
    this.streams.set(source, new MediaStream([track]));
    track.onended = () => this.lost(source, track);
    this.tell(source, true);
  }

  private drop(source: Source): void {
    const track = this.tracks.get(source);
    if (track) track.onended = null;
    track?.stop();
    this.tracks.delete(source);
    this.streams.delete(source);
    this.tell(source, false);
  }

  private tell(source: Source, on: boolean): void {
    if (source !== 'screen_audio') this.on[source].value = on;
    this.events.changed();
  }

  /** Unplugged, or taken back in the browser's own controls. */
  private lost(source: Source, track: MediaStreamTrack): void {
    if (this.tracks.get(source) !== track) return;
    if (source === 'screen') void this.setScreen(false);
    if (source === 'mic') void this.setMicrophone(false);
    if (source === 'camera') void this.setCamera(false);
    if (source === 'mic' || source === 'camera') {
      const what = source === 'mic' ? 'microphone' : 'camera';
      this.events.problem({
        code: `${source}_lost`,
        message: `The ${what} is gone.`,
        hint: 'Connect it again, then switch it on.',
      });
    }
  }
}
