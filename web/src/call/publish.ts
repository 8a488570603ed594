// The publishing connection: the client offers, always. A transform is attached in the same breath as a transceiver is
// made, before any offer, so no frame of any track can leave without it. Muting takes the track off the sender and stops
// it, so that the device's light goes out; the m-line stays for the next time. (Firefox then goes on with one black frame
// a second, sealed like any other.) All encodings of a video pass the one transform of its sender, and take their counters
// from one place.
import type { Codec, Publication, Source, WantedTrack } from '../wire.ts';
import type { TransformAPI } from './capabilities.ts';
import { chooseCodec } from './codecs.ts';
import type { EngineClient } from './engine_client.ts';
import { type Stat, statsOf } from './numbers.ts';
import { encoded, offered, withOpus } from './opus.ts';
import { sendPicture, VideoSender } from './video_sender.ts';
import type { VideoCodec } from './view.ts';

export interface PublisherParts {
  /** Makes the connection, once there is something to send. */
  connect(): RTCPeerConnection;
  engine: EngineClient;
  api: TransformAPI;
  codec: VideoCodec;
  /** Sends the offer, gives the answer. */
  exchange(sdp: string, tracks: Publication[]): Promise<string>;
}

interface Slot {
  transceiver: RTCRtpTransceiver;
  codec: Codec;
  video: VideoSender | null;
}

const LOOK_MS = 2000; // between looks at sizes: a phone was turned, a shared window changed its shape

/** The browser would not attach the transform: nothing of the track was sent. */
export class NoTransformError extends Error {
  override name = 'NoTransformError';
}

let names = 0;

export class Publisher {
  private readonly parts: PublisherParts;
  private readonly slots = new Map<Source, Slot>();
  private connection: RTCPeerConnection | null = null;
  private negotiation: Promise<void> = Promise.resolve();
  private queued: Promise<void> | null = null;
  private looking: ReturnType<typeof setInterval> | undefined;
  private closed = false;
  private readonly avoided = new Set<Codec>();

  constructor(parts: PublisherParts) {
    this.parts = parts;
  }

  /** Sends a track, in the place of what this source sent before. */
  async send(source: Source, track: MediaStreamTrack): Promise<void> {
    if (this.closed) return;
    const slot = this.slots.get(source);
    if (slot && (slot.video?.fits(track) ?? true)) {
      await slot.transceiver.sender.replaceTrack(track);
      return this.look();
    }
    this.drop(source);
    this.add(source, track);
    return this.negotiate();
  }

  /** How many layers of our videos somebody is sent. */
  wanted(tracks: WantedTrack[]): void {
    for (const { mid, layers } of tracks) {
      for (const { transceiver, video } of this.slots.values()) if (transceiver.mid === mid) video?.want(layers);
    }
  }

  /** Sends nothing in these codecs any more: somebody here cannot play them. VP8 all can. */
  async avoid(codecs: readonly VideoCodec[]): Promise<void> {
    for (const codec of codecs) if (codec !== 'vp8') this.avoided.add(codec);
    const other = [...this.slots].filter(([, { codec }]) => this.avoided.has(codec));
    for (const [source, { transceiver }] of other) {
      const { track } = transceiver.sender;
      this.drop(source);
      if (track) this.add(source, track);
    }
    if (other.length > 0) await this.negotiate();
  }

  /** Sends nothing of this source for now. */
  async mute(source: Source): Promise<void> {
    await this.slots.get(source)?.transceiver.sender.replaceTrack(null);
  }

  /** Ends these sources for good: their m-lines go, the next time has new ones with new transforms. */
  async end(...sources: Source[]): Promise<void> {
    const there = sources.filter((source) => this.slots.has(source));
    for (const source of there) this.drop(source);
    if (there.length > 0) await this.negotiate();
  }

  /** Takes every track off, at once and without a word to anybody: the transforms are not to be trusted any more. */
  detachAll(): void {
    for (const { sender } of this.connection?.getTransceivers() ?? []) sender.replaceTrack(null).catch(() => {});
  }

  /** Offers the same with new ICE credentials: the way to the server broke or changed. */
  async restart(): Promise<void> {
    this.connection?.restartIce();
    await this.negotiate();
  }

  /** What the browser counts of these sources, or of everything that is sent. */
  async stats(...sources: Source[]): Promise<Stat[]> {
    const senders = sources.flatMap((source) => this.slots.get(source)?.transceiver.sender ?? []);
    const of = sources.length > 0 ? senders : this.connection ? [this.connection] : [];
    return statsOf(of);
  }

  close(): void {
    this.closed = true;
    clearInterval(this.looking);
    this.connection?.close();
  }

  private drop(source: Source): void {
    this.slots.get(source)?.transceiver.stop();
    this.slots.delete(source);
  }

  private add(source: Source, track: MediaStreamTrack): void {
    const { engine, api } = this.parts;
    this.connection ??= this.parts.connect();
    const { connection } = this;
    const wanted = this.avoided.has(this.parts.codec) ? 'vp8' : this.parts.codec;
    const choice = chooseCodec(track.kind === 'audio' ? 'audio' : 'video', wanted);
    const picture = source === 'camera' || source === 'screen' ? source : null;
    const transceiver = picture
      ? sendPicture(connection, track, picture, choice.codec)
      : connection.addTransceiver(track, { direction: 'sendonly' });
    try {
      engine.attach(api, transceiver.sender, { direction: 'seal', track: `s${++names}`, source, codec: choice.codec });
    } catch (error) {
      transceiver.stop();
      throw new NoTransformError(String(error));
    }
    transceiver.setCodecPreferences(choice.preferences);
    const video = picture ? new VideoSender(transceiver, track, picture, choice.codec) : null;
    this.slots.set(source, { transceiver, codec: choice.codec, video });
    if (video) this.looking ??= setInterval(() => void this.look().catch(() => {}), LOOK_MS); // the next try is near
  }

  /** Tells the server when a picture comes in other sizes than before. */
  private async look(): Promise<void> {
    const resized = [...this.slots.values()].filter(({ video }) => video?.resized());
    if (resized.length > 0) await this.negotiate();
  }

  /** One exchange after the other; everything that changes until the next begins is in that one. */
  private negotiate(): Promise<void> {
    if (this.queued) return this.queued;
    const next = this.negotiation.then(() => {
      this.queued = null;
      return this.exchange();
    });
    this.queued = next;
    this.negotiation = next.catch(() => {});
    return next;
  }

  private async exchange(): Promise<void> {
    const { connection } = this;
    if (this.closed || !connection) return;
    await connection.setLocalDescription(await connection.createOffer());
    const tracks = this.publications();
    const offer = withOpus(connection.localDescription?.sdp ?? '', tracks, offered);
    const answer = await this.parts.exchange(offer, tracks);
    if (this.closed) return;
    await connection.setRemoteDescription({ type: 'answer', sdp: withOpus(answer, tracks, encoded) });
  }

  private publications(): Publication[] {
    const all: Publication[] = [];
    for (const [source, { transceiver, codec, video }] of this.slots) {
      if (transceiver.mid === null) continue;
      const layers = video?.layers() ?? [];
      all.push({ mid: transceiver.mid, source, codec, ...(layers.length > 0 ? { layers } : {}) });
    }
    return all;
  }
}
