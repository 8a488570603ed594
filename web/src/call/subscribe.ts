// The subscribing connection: the server offers, always, and only its newest offer is answered. What an m-line carries is
// known before its description is applied, so that the transform stands before the first packet. A receiver whose
// transform could not be attached, or that the server did not name, is switched off and never shown. The latter has a
// transform as well, for whom it may carry later: Chromium leads past the worker what has none when it is made, for ever.
import type { Codec, Device, Source, SubscribeOffer, Subscription } from '../wire.ts';
import type { OpenOptions } from '../worker/messages.ts';
import type { TransformAPI } from './capabilities.ts';
import type { EngineClient } from './engine_client.ts';
import { type Stat, statsOf } from './numbers.ts';
import { askingAgain, decoded, withOpus } from './opus.ts';
import { sameDevice } from './people.ts';

/** A track that may be played: its transform opens frames of this device and source, and of nothing else. */
export interface Received {
  mid: string;
  from: Device;
  source: Source;
  codec: Codec;
  stream: MediaStream;
}

export interface SubscriberParts {
  /** Makes the connection, once the server offers something. */
  connect(): RTCPeerConnection;
  engine: EngineClient;
  api: TransformAPI;
  answer(offer: number, sdp: string): Promise<void>;
  changed(received: Received[]): void;
  /** The browser would not attach a transform. */
  refused(error: unknown): void;
}

interface Bound {
  subscription: Subscription | null; // null: of somebody who left before the offer said who
  track: string;
  stream: MediaStream;
}

type Carried = Pick<OpenOptions, 'source' | 'codec' | 'from'>;

const NOBODYS_SOUND: Carried = { source: 'mic', codec: 'opus', from: null };
const NOBODYS_PICTURE: Carried = { source: 'camera', codec: 'vp8', from: null };

let names = 0;

export class Subscriber {
  private readonly parts: SubscriberParts;
  private readonly bound = new Map<RTCRtpReceiver, Bound>();
  private connection: RTCPeerConnection | null = null;
  private named = new Map<string, Subscription>(); // by mid, as in the offer being applied
  private newest: SubscribeOffer | null = null;
  private busy = false;
  private closed = false;

  constructor(parts: SubscriberParts) {
    this.parts = parts;
  }

  /** Takes an offer; one that is overtaken while another is applied is never looked at. */
  async offer(offer: SubscribeOffer): Promise<void> {
    this.newest = offer;
    if (this.busy) return;
    this.busy = true;
    try {
      while (this.newest !== null && !this.closed) {
        const next: SubscribeOffer = this.newest;
        this.newest = null;
        await this.apply(next);
      }
    } finally {
      this.busy = false;
    }
  }

  /** What the browser counts of these streams. */
  stats(...streams: MediaStream[]): Promise<Stat[]> {
    const receivers = [...this.bound].flatMap(([receiver, { stream }]) => (streams.includes(stream) ? [receiver] : []));
    return statsOf(receivers);
  }

  close(): void {
    this.closed = true;
    this.connection?.close();
  }

  private async apply(offer: SubscribeOffer): Promise<void> {
    const connection = this.connected();
    this.named = new Map(offer.tracks.map((track) => [track.mid, track]));
    await connection.setRemoteDescription({ type: 'offer', sdp: offer.sdp });
    if (this.closed) return;
    for (const transceiver of connection.getTransceivers()) this.bind(transceiver);
    const { sdp = '' } = await connection.createAnswer();
    await connection.setLocalDescription({ type: 'answer', sdp: askingAgain(withOpus(sdp, offer.tracks, decoded)) });
    if (this.closed) return;
    const answered = this.parts.answer(offer.offer, connection.localDescription?.sdp ?? '');
    this.parts.changed(this.received()); // while the answer travels, not after: what is seen follows right behind it
    await answered;
  }

  private connected(): RTCPeerConnection {
    if (this.connection) return this.connection;
    const connection = this.parts.connect();
    connection.ontrack = (event) => this.bind(event.transceiver);
    this.connection = connection;
    return connection;
  }

  /** Attaches a transform for what the m-line carries now, unless it has one for just that. */
  private bind(transceiver: RTCRtpTransceiver): void {
    const { receiver } = transceiver;
    const subscription = this.named.get(transceiver.mid ?? '') ?? null;
    const before = this.bound.get(receiver);
    try {
      const same = before && (subscription === null || sameCarried(before.subscription, subscription));
      if (!same && transceiver.direction !== 'stopped') this.carry(receiver, subscription, before);
      if (subscription && transceiver.direction === 'inactive') transceiver.direction = 'recvonly';
      if (!subscription && transceiver.direction !== 'stopped') transceiver.direction = 'inactive';
    } catch (error) {
      this.bound.delete(receiver);
      transceiver.direction = 'inactive';
      this.parts.refused(error);
    }
  }

  private carry(receiver: RTCRtpReceiver, subscription: Subscription | null, before: Bound | undefined): void {
    const audio = receiver.track.kind === 'audio';
    const { source, codec, from } = subscription ?? (audio ? NOBODYS_SOUND : NOBODYS_PICTURE);
    const track = this.attach(receiver, { source, codec, from }, before);
    this.bound.set(receiver, { subscription, track, stream: new MediaStream([receiver.track]) });
  }

  private attach(receiver: RTCRtpReceiver, carried: Carried, before: Bound | undefined): string {
    const { engine, api } = this.parts;
    if (before && api === 'streams') {
      engine.rebind({ direction: 'open', track: before.track, ...carried });
      return before.track;
    }
    const track = `r${++names}`;
    engine.attach(api, receiver, { direction: 'open', track, ...carried });
    return track;
  }

  private received(): Received[] {
    const all: Received[] = [];
    for (const transceiver of this.connection?.getTransceivers() ?? []) {
      const bound = this.bound.get(transceiver.receiver);
      const mid = transceiver.mid ?? '';
      if (!bound?.subscription || !this.named.has(mid)) continue;
      const { from, source, codec } = bound.subscription;
      all.push({ mid, from, source, codec, stream: bound.stream });
    }
    return all;
  }
}

function sameCarried(a: Subscription | null, b: Subscription): boolean {
  return a !== null && a.source === b.source && a.codec === b.codec && sameDevice(a.from, b.from);
}
