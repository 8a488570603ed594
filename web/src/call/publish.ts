// The publishing connection: the client offers, always. A transform is attached in the same breath as a transceiver is
// made, before any offer, so no frame of any track can leave without it. Muting takes the track off the sender and stops
// it, so that the device's light goes out; the m-line stays for the next time. (Firefox then goes on with one black frame
// a second, sealed like any other.)
import type { Codec, Publication, Source } from '../wire.ts';
import type { TransformAPI } from './capabilities.ts';
import type { EngineClient } from './engine_client.ts';
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
}

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
  private closed = false;

  constructor(parts: PublisherParts) {
    this.parts = parts;
  }

  /** Sends a track, in the place of what this source sent before. */
  async send(source: Source, track: MediaStreamTrack): Promise<void> {
    if (this.closed) return;
    const slot = this.slots.get(source);
    if (slot) return slot.transceiver.sender.replaceTrack(track);
    this.add(source, track);
    return this.negotiate();
  }

  /** Sends nothing of this source for now. */
  async mute(source: Source): Promise<void> {
    await this.slots.get(source)?.transceiver.sender.replaceTrack(null);
  }

  /** Ends these sources for good: their m-lines go, the next time has new ones with new transforms. */
  async end(...sources: Source[]): Promise<void> {
    const there = sources.filter((source) => this.slots.has(source));
    for (const source of there) {
      this.slots.get(source)?.transceiver.stop();
      this.slots.delete(source);
    }
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

  close(): void {
    this.closed = true;
    this.connection?.close();
  }

  private add(source: Source, track: MediaStreamTrack): void {
    const { engine, api } = this.parts;
    this.connection ??= this.parts.connect();
    const { connection } = this;
    const choice = chooseCodec(track.kind === 'audio' ? 'audio' : 'video', this.parts.codec);
    const transceiver = connection.addTransceiver(track, { direction: 'sendonly' });
    try {
      engine.attach(api, transceiver.sender, { direction: 'seal', track: `s${++names}`, source, codec: choice.codec });
    } catch (error) {
      transceiver.stop();
      throw new NoTransformError(String(error));
    }
    transceiver.setCodecPreferences(choice.preferences);
    this.slots.set(source, { transceiver, codec: choice.codec });
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
    const answer = await this.parts.exchange(connection.localDescription?.sdp ?? '', this.publications());
    if (this.closed) return;
    await connection.setRemoteDescription({ type: 'answer', sdp: answer });
  }

  private publications(): Publication[] {
    const all: Publication[] = [];
    for (const [source, { transceiver, codec }] of this.slots) {
      if (transceiver.mid !== null) all.push({ mid: transceiver.mid, source, codec });
    }
    return all;
  }
}

interface CodecChoice {
  codec: Codec;
  preferences: RTCRtpCodec[];
}

/**
 * Exactly one codec, and retransmission. Opus stands alone: RED would carry old frames beside new ones under one header.
 * A browser that cannot encode what was asked for sends VP8, which all can.
 */
function chooseCodec(kind: 'audio' | 'video', wanted: VideoCodec): CodecChoice {
  const all = RTCRtpSender.getCapabilities(kind)?.codecs ?? [];
  const named = (name: string) => all.filter((c) => c.mimeType.toLowerCase() === `${kind}/${name}` && plainProfile(c));
  if (kind === 'audio') return { codec: 'opus', preferences: named('opus') };
  const codec = named(wanted).length > 0 ? wanted : 'vp8';
  return { codec, preferences: [...named(codec), ...named('rtx')] };
}

/** 8 bits and 4:2:0, which every decoder has. */
function plainProfile({ sdpFmtpLine = '' }: RTCRtpCodec): boolean {
  return !/profile(-id)?=[1-9]/.test(sdpFmtpLine);
}
