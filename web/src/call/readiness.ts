// What must be right before one can join: an engine in its worker that holds the meeting's secret and knows as whom one takes
// part. What the browser keeps of all that passes through here. An engine that failed stays so until the page is loaded anew.
import type { ReadonlySignal } from '@preact/signals';
import { obstacle } from './capabilities.ts';
import { EngineClient, startWorker } from './engine_client.ts';
import type { WholeLink } from './link.ts';
import { knownPeople, OwnIdentity } from './own_identity.ts';
import type { KeptLink } from './recent.ts';
import { RoomLink } from './room_link.ts';
import type { IdentityView, JoinOptions, KnownPerson, Problem, WordsRead } from './view.ts';
import { readWords } from './words.ts';

export class Readiness {
  /** Null until the browser and the link were found good enough to start one. */
  engine: EngineClient | null = null;
  private readonly whole: WholeLink;
  private readonly kept: KeptLink | null;
  private readonly own = new OwnIdentity();
  private readonly failed: (problem: Problem) => void;
  private prepared: Promise<Problem | null>;

  /** `failed` is told of an engine that is lost later. */
  constructor(link: WholeLink, kept: KeptLink | null, failed: (problem: Problem) => void) {
    this.whole = link;
    this.kept = kept;
    this.failed = failed;
    this.prepared = this.setUp();
  }

  get trouble(): Problem | null {
    return this.engine?.trouble ?? null;
  }

  get identity(): ReadonlySignal<IdentityView> {
    return this.own.view;
  }

  /** A link without a secret cannot be changed: whoever sets the keys sets another one. */
  get changeable(): boolean {
    return !(this.whole instanceof RoomLink);
  }

  async prepare(): Promise<Problem | null> {
    return (await this.prepared) ?? this.trouble;
  }

  /** On the way into the call. */
  async enter(): Promise<Problem | null> {
    return this.engine && this.whole.enter ? this.whole.enter(this.engine) : null;
  }

  async openWithWords(text: string): Promise<WordsRead> {
    const read = await readWords(text);
    if (read.ok) await this.openWithSecret(read.fragment);
    return read;
  }

  async openWithSecret(secret: string): Promise<void> {
    this.prepared = this.setUp(secret);
    await this.prepared;
  }

  /** One joins: the link and oneself are kept as one wishes. Says so in the options, where they did not. */
  async takeUp(options: JoinOptions): Promise<void> {
    const { engine } = this;
    if (!engine) return;
    await this.whole.keep(engine);
    await this.kept?.joined(engine, options.keepLink ?? this.kept.kept.value);
    options.remember ??= this.own.view.value === 'kept'; // without a word, as before
    await this.own.take(engine, options.remember);
  }

  /** One leaves: this tab opens the meeting no more. */
  putAway(): void {
    this.whole.forget(this.engine);
  }

  /** A guest of a call may be kept all the same. */
  async lookAtIdentity(): Promise<void> {
    await this.own.look(this.engine);
  }

  async newSecret(): Promise<string> {
    if (!this.engine) throw new Error('there is no engine');
    return this.engine.newSecret();
  }

  /** The link's own. */
  async readSecret(): Promise<string> {
    if (!this.engine) throw new Error('there is no engine');
    return this.engine.readSecret();
  }

  async link(): Promise<string> {
    if (!this.engine) throw new Error('there is no engine to ask for the link');
    return this.whole.url(this.engine);
  }

  /** The worker holds the meeting's new secret; what a reload would find is renewed. */
  secretChanged(sealed: string): void {
    if (!this.engine) return;
    this.whole.change(this.engine, sealed);
    void this.kept?.changed(this.engine);
  }

  forgetDevice(): Promise<void> {
    return this.own.forget(this.engine);
  }

  known(): Promise<KnownPerson[]> {
    return knownPeople(this.engine);
  }

  async forgetPerson(identity: string): Promise<void> {
    await this.engine?.forgetPerson(identity);
  }

  /** `told` is a secret told aloud. */
  private async setUp(told = ''): Promise<Problem | null> {
    const missing = obstacle(globalThis) ?? this.whole.incomplete(told);
    if (missing) return missing;
    this.engine?.terminate();
    const engine = new EngineClient(startWorker(), (problem) => this.failed(problem));
    this.engine = engine;
    const wrong = await this.whole.handOver(engine, told);
    await this.own.look(engine);
    return wrong;
  }
}
