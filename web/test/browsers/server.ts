// The test server: a real Grotto server with the SFU's hook, and switches for what a network or a hostile host does.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** What the SFU saw of one publication: packets in all, and those that held the plaintext marker. */
export interface Seen {
  publisher: string;
  source: string;
  codec: string;
  packets: number;
  marked: number;
  /** Of VP8 and H.264: its streams, its frames, and counters that sealed more than one. */
  streams: number;
  frames: number;
  reused: number;
}

/** How the worker's script is changed on its way to the page; 'none' is what people get. */
export type WorkerPatch = 'none' | 'marker' | 'identity' | 'keyless' | 'crash';

export class TestServer {
  private constructor(
    readonly url: string,
    private readonly control: string,
    private readonly process: ChildProcess,
    /** The hash of the certificate's key, of one that was started with -tls. */
    readonly spki = '',
  ) {}

  static async start(...flags: string[]): Promise<TestServer> {
    const child = spawn(`${repository}/bin/testserver`, flags, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const { url, control, spki } = JSON.parse(line) as { url: string; control: string; spki?: string };
    return new TestServer(url, control, child, spki);
  }

  async stop(): Promise<void> {
    this.process.kill('SIGTERM');
    if (this.process.exitCode === null) await once(this.process, 'exit');
  }

  /** A meeting link nobody has used. */
  link(query = ''): string {
    const slug = `test-${Math.random().toString(36).slice(2, 10)}`;
    return `${this.url}/r/${slug}${query}#${secret()}`;
  }

  async seen(): Promise<Seen[]> {
    return (await (await fetch(`${this.control}/seen`)).json()) as Seen[];
  }

  async patchWorker(patch: WorkerPatch): Promise<void> {
    await this.post(`worker?patch=${patch}`);
  }

  /** Makes a server that was started with -hostile misbehave. */
  async misbehave(
    how: 'layers' | 'flood' | 'inject' | 'replay' | 'hide' | 'speak',
    value: string | number,
  ): Promise<void> {
    await this.post(`${how}?value=${value}`);
  }

  /** Cuts every signalling connection and refuses new ones for so long. Media flows on. */
  async dropSignalling(seconds: number): Promise<void> {
    await this.post(`drop?seconds=${seconds}`);
  }

  /** Stops the server and starts a new one, which knows nothing, on the same ports. */
  async restart(): Promise<void> {
    await this.post('restart');
  }

  /** Brings so many people into a meeting, each with a camera and a microphone; resolves once all are there. */
  async crowd(link: string, people: number): Promise<void> {
    await this.post(`crowd?people=${people}&link=${encodeURIComponent(link)}`);
  }

  /** What the network of a server that was started with -badnet is like from now on, as in badnet/control.go: 'down=true'. */
  async network(conditions: string): Promise<void> {
    await this.post(`net?${conditions}`);
  }

  /** Gives everybody another address, as a NAT does that has forgotten them. */
  async rebind(): Promise<void> {
    await this.post('rebind');
  }

  /** What each device's line has carried so far, in bytes. */
  async carried(): Promise<Record<string, number>> {
    const lines = (await (await fetch(`${this.control}/net`)).json()) as { device: string; down: { bytes: number } }[];
    return Object.fromEntries(lines.map(({ device, down }) => [device, down.bytes]));
  }

  private async post(path: string): Promise<void> {
    const answer = await fetch(`${this.control}/${path}`, { method: 'POST' });
    if (!answer.ok) throw new Error(`test server: ${path}: ${answer.status} ${await answer.text()}`);
  }
}

export function secret(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64url');
}
