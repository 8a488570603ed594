// The two media connections of a session, one out and one in, and what mends them when their way to the server breaks.
import type { Publication, SubscribeOffer } from '../wire.ts';
import type { TransformAPI } from './capabilities.ts';
import type { EngineClient } from './engine_client.ts';
import { refusal } from './errands.ts';
import { Mender } from './mend.ts';
import type { Stat } from './numbers.ts';
import { Publisher } from './publish.ts';
import type { Signalling } from './signalling.ts';
import { type Received, Subscriber } from './subscribe.ts';
import type { TileView, VideoCodec } from './view.ts';

const OWN_CAMERA = ['camera', 'mic'] as const;
const OWN_SCREEN = ['screen', 'screen_audio'] as const;

export interface MediaLinesParts {
  engine: EngineClient;
  api: TransformAPI;
  codec: VideoCodec;
  signalling: Pick<Signalling, 'request' | 'probe'>;
  connection(relays: RTCIceServer[]): RTCPeerConnection;
  received(received: Received[]): void;
  /** The browser would not attach a transform. */
  noTransform(): void;
  failed(error: unknown): void;
}

export class MediaLines {
  readonly publisher: Publisher;
  /** By which a connection may reach the server, where nothing shorter leads there. */
  relays: RTCIceServer[] = [];
  private readonly subscriber: Subscriber;
  private readonly parts: MediaLinesParts;
  private readonly menders: Mender[] = [];

  constructor(parts: MediaLinesParts) {
    this.parts = parts;
    const { engine, api, codec, signalling } = parts;
    this.publisher = new Publisher({
      engine,
      api,
      codec,
      connect: () => this.mended(() => this.publisher.restart()),
      exchange: async (sdp: string, tracks: Publication[]) =>
        (await signalling.request({ type: 'publish', sdp, tracks })).sdp,
    });
    this.subscriber = new Subscriber({
      engine,
      api,
      connect: () => this.mended(async () => void (await signalling.request({ type: 'restart' }))),
      answer: async (offer, sdp) => void (await signalling.request({ type: 'subscribe_answer', offer, sdp })),
      changed: (received) => parts.received(received),
      refused: () => parts.noTransform(),
    });
  }

  offered(offer: SubscribeOffer): void {
    this.subscriber.offer(offer).catch((error) => this.parts.failed(error));
  }

  /** What the browser counts of a tile's sound and picture. */
  stats({ self, kind, video, audio }: TileView): Promise<Stat[]> {
    if (self) return this.publisher.stats(...(kind === 'camera' ? OWN_CAMERA : OWN_SCREEN));
    return this.subscriber.stats(...[video, audio].filter((stream) => stream !== null));
  }

  /** The network is back, or another one. */
  retryNow(): void {
    for (const mender of this.menders) mender.networkChanged();
  }

  /** Mends nothing any more. */
  rest(): void {
    for (const mender of this.menders) mender.close();
  }

  close(): void {
    this.publisher.close();
    this.subscriber.close();
  }

  /** A connection that is restarted when its way to the server breaks. */
  private mended(restart: () => Promise<void>): RTCPeerConnection {
    const connection = this.parts.connection(this.relays);
    const mender = new Mender({
      restart: () => {
        this.parts.signalling.probe(); // of the same network, so the socket may be dead as well
        return restart().catch(refusal);
      },
      lost: () => this.parts.failed(new Error('the media connection failed')),
    });
    connection.onconnectionstatechange = () => mender.changed(connection.connectionState);
    this.menders.push(mender);
    return connection;
  }
}
