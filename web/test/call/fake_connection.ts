// As much of a peer connection as publish.ts and subscribe.ts use. It writes down what is done to it, in order.
import type { Encoding } from '../../src/call/encodings.ts';
import type { EngineClient } from '../../src/call/engine_client.ts';

interface FakeSender {
  track: unknown;
  replaceTrack(track: unknown): Promise<void>;
  getParameters(): { encodings: Encoding[] };
  setParameters(parameters: { encodings: Encoding[] }): Promise<void>;
}

export class FakeTransceiver {
  mid: string | null = null;
  direction: string;
  preferences: string[] = [];
  encodings: Encoding[];
  readonly sender: FakeSender;
  readonly receiver: { track: unknown };
  private readonly log: string[];
  private readonly name: string;

  constructor(log: string[], name: string, track: unknown, direction: string, encodings: Encoding[] = [{}]) {
    this.log = log;
    this.name = name;
    this.direction = direction;
    this.encodings = encodings;
    this.receiver = { track: { kind: 'video', id: name } };
    this.sender = {
      track,
      replaceTrack: async (next) => {
        log.push(`${name} replace ${next === null ? 'nothing' : 'track'}`);
        this.sender.track = next;
      },
      getParameters: () => structuredClone({ encodings: this.encodings }),
      setParameters: async ({ encodings }) => {
        this.encodings = encodings;
      },
    };
  }

  setCodecPreferences(codecs: { mimeType: string }[]): void {
    this.preferences = codecs.map((c) => c.mimeType);
  }

  stop(): void {
    this.log.push(`${this.name} stop`);
    this.direction = 'stopped';
    this.mid = null;
  }
}

export class FakeConnection {
  readonly log: string[] = [];
  readonly transceivers: FakeTransceiver[] = [];
  localDescription: { sdp: string } | null = null;
  connectionState = 'new';
  onconnectionstatechange: (() => void) | null = null;
  ontrack: ((event: { transceiver: FakeTransceiver }) => void) | null = null;
  private mids = 0;
  /** Knows no scalability modes: refuses them, or takes no notice. */
  modes: 'known' | 'refused' | 'unheard of' = 'known';

  addTransceiver(track: { id: string }, init: { direction: string; sendEncodings?: Encoding[] }): FakeTransceiver {
    const asked = init.sendEncodings ?? [{}];
    if (this.modes === 'refused' && asked.some((e) => e.scalabilityMode)) throw new Error('no such mode');
    const encodings = this.modes === 'known' ? asked : asked.map(({ scalabilityMode: _, ...rest }) => rest);
    this.log.push(`add ${track.id}`);
    const made = new FakeTransceiver(this.log, track.id, track, init.direction, encodings);
    this.transceivers.push(made);
    return made;
  }

  getTransceivers(): FakeTransceiver[] {
    return this.transceivers;
  }

  async createOffer(): Promise<{ sdp: string }> {
    this.log.push('offer');
    for (const t of this.transceivers) if (t.mid === null && t.direction !== 'stopped') t.mid = `${this.mids++}`;
    return { sdp: 'offer' };
  }

  async createAnswer(): Promise<{ sdp: string }> {
    this.log.push('answer');
    return { sdp: 'answer' };
  }

  async setLocalDescription(description: { sdp: string }): Promise<void> {
    this.localDescription = description;
  }

  /** An offer's text names its m-lines: "0 1 2". */
  async setRemoteDescription({ type, sdp }: { type: string; sdp: string }): Promise<void> {
    this.log.push(`remote ${type} ${sdp}`);
    if (type !== 'offer') return;
    for (const mid of sdp.split(' ').filter((m) => m !== '')) {
      if (this.transceivers.some((t) => t.mid === mid)) continue;
      const made = new FakeTransceiver(this.log, `m${mid}`, null, 'recvonly');
      made.mid = mid;
      this.transceivers.push(made);
      this.ontrack?.({ transceiver: made });
    }
  }

  close(): void {
    this.log.push('close');
  }

  restartIce(): void {
    this.log.push('restart');
  }

  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  /** What publish.ts and subscribe.ts believe to be given. */
  asConnection(): RTCPeerConnection {
    return this as unknown as RTCPeerConnection;
  }
}

/** An engine client whose transforms are lines in a log; it refuses them when told to. */
export function fakeEngine(log: string[], refuse: () => boolean = () => false): EngineClient {
  const engine = {
    attach(
      _api: string,
      _target: unknown,
      o: { direction: string; source: string; codec: string; from?: { device: string } | null },
    ) {
      if (refuse()) throw new Error('refused');
      const from = o.from === null ? 'nobody' : o.from?.device;
      log.push([o.direction, o.source, o.codec, from].filter((word) => word !== undefined).join(' '));
    },
    rebind(o: { source: string; from: { device: string } }) {
      log.push(`rebind ${o.source} ${o.from.device}`);
    },
  };
  return engine as unknown as EngineClient;
}
