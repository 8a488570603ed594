// Which way the agents' messages go, and which they may come. Without a transport all go by signalling. Where there is one, a device
// that it carries is neither written to nor heard by signalling: a server that tries is shown.
import type { Device } from '../wire.ts';
import type { EngineEnvelope } from '../worker/messages.ts';
import type { Addressed, KeyTransport } from './key_transport.ts';
import type { People } from './people.ts';

const MOST_EARLY = 256; // from devices that the server has not told of yet

interface Ways {
  /** To the engine. */
  tell(from: Device, envelope: EngineEnvelope): void;
  bySignalling(messages: Addressed[]): void;
}

export class Letters {
  private readonly transport: KeyTransport | null;
  private readonly people: Pick<People, 'has' | 'show' | 'bypass'>;
  private readonly ways: Ways;
  private early: { from: Device; envelope: EngineEnvelope }[] = [];

  constructor(transport: KeyTransport | null, people: Pick<People, 'has' | 'show' | 'bypass'>, ways: Ways) {
    this.transport = transport;
    this.people = people;
    this.ways = ways;
  }

  begin(call: string, self: Device): void {
    this.transport?.begin(call, self, (from, envelope) => {
      if (this.people.has(from)) return this.ways.tell(from, envelope);
      this.early.push({ from, envelope });
      if (this.early.length > MOST_EARLY) this.early.shift();
    });
  }

  /** They are in the roster, and the engine knows them. */
  joined(devices: Device[]): void {
    for (const device of devices) if (!this.reaches(device)) this.people.show(device, 'guest');
    const { early } = this;
    this.early = [];
    for (const letter of early) {
      if (this.people.has(letter.from)) this.ways.tell(letter.from, letter.envelope);
      else this.early.push(letter);
    }
  }

  /** Whether keys are given to this device, and taken of it. */
  reaches(device: Device): boolean {
    return this.transport?.route(device) !== 'nowhere';
  }

  send(messages: Addressed[]): void {
    const { transport } = this;
    if (!transport) return this.ways.bySignalling(messages);
    const there = messages.filter(({ to }) => transport.route(to) === 'here');
    const here = messages.filter(({ to }) => transport.route(to) === 'signalling');
    if (there.length > 0) transport.send(there);
    if (here.length > 0) this.ways.bySignalling(here);
  }

  /** One came by signalling. */
  bySignalling(from: Device, envelope: EngineEnvelope): void {
    const route = this.transport?.route(from) ?? 'signalling';
    if (route === 'signalling') this.ways.tell(from, envelope);
    if (route === 'here') this.people.bypass(from);
  }

  end(): void {
    this.transport?.end();
    this.early = [];
  }
}
