// Files that people share: offered in the chat, sent once somebody takes them, and handed over when their hash is right.
// Nothing is fetched, opened or shown that one did not ask for; the bytes are a download and never a part of the page.
import type { ReadonlySignal } from '@preact/signals';
import type { Device } from '../../wire.ts';
import type { Chat } from '../chat.ts';
import { SayError } from '../said.ts';
import type { Said, Sealed } from '../sealed.ts';
import type { PersonRef } from '../view.ts';
import type { FileState, FilesView, FileView } from './files_view.ts';
import { Incoming, STALLED_MS } from './incoming.ts';
import {
  CHUNK_KIND,
  fileName,
  GONE_KIND,
  isID,
  OFFER_KIND,
  type Offer,
  offerBody,
  readChunk,
  readOffer,
  readWant,
  WANT_KIND,
  wantBody,
} from './offer.ts';
import { type Clock, Outgoing, Sender } from './outgoing.ts';
import { ChunkSeal, FILE_LIMIT, newFile, sha256, toBase64 } from './seal.ts';
import { Shelf } from './shelf.ts';

const CHUNK_FRAME = 32 << 10; // bytes
const OFFERS = 100; // of all others; the oldest that were not taken go
const OFFERS_OF_ONE = 20;
const VIEWS = 2 * OFFERS; // with those that are gone
const OWN = 5; // files that one offers at a time, for they stay in memory
const AT_A_TIME = 3; // that one takes

interface Theirs {
  from: Device;
  offer: Offer;
  incoming: Incoming | null;
  timer: unknown; // while it is received
}

interface Ours {
  file: Outgoing;
  as: Device;
  to: Device | null;
}

export interface FilesClock extends Clock {
  clearTimeout(timer: unknown): void;
}

export class Files implements FilesView {
  private readonly sealed: Sealed;
  private readonly chat: Chat;
  private readonly clock: FilesClock;
  private readonly shelf = new Shelf(VIEWS);
  private readonly theirs = new Map<string, Theirs>();
  private readonly ours = new Map<string, Ours>();
  private readonly sender: Sender;

  constructor(sealed: Sealed, chat: Chat, clock: FilesClock) {
    this.sealed = sealed;
    this.chat = chat;
    this.clock = clock;
    this.sender = new Sender(
      clock,
      () => [...this.ours.values()].map(({ file }) => file),
      ({ id }, n, chunk, to) => {
        sealed.toAll(CHUNK_KIND, { id, n, data: toBase64(chunk) }, to);
        this.showOurs(id);
      },
    );
    sealed.hear(OFFER_KIND, { way: 'both', perSecond: 2 }, (said) => this.offered(said));
    sealed.hear(WANT_KIND, { way: 'one', perSecond: 5 }, (said) => this.wanted(said));
    sealed.hear(CHUNK_KIND, { way: 'all', limit: CHUNK_FRAME }, (said) => void this.chunk(said));
    sealed.hear(GONE_KIND, { way: 'both' }, ({ from, body }) => isID(body.id) && this.drop(keyOf(from, body.id)));
    sealed.onLeft((device) => this.left(device));
    sealed.onReached(() => this.outlived());
    sealed.onEnd(() => this.clear());
  }

  get all(): ReadonlySignal<ReadonlyMap<string, FileView>> {
    return this.shelf.all;
  }

  async share(file: File, to?: PersonRef): Promise<void> {
    if (file.size === 0) throw new SayError('empty', 'There is nothing in this file.');
    if (file.size > FILE_LIMIT) throw new SayError('long', `A file has at most ${FILE_LIMIT} bytes.`);
    if (this.ours.size >= OWN) throw new SayError('many', `At most ${OWN} files are offered at a time.`);
    const bytes = new Uint8Array(await file.arrayBuffer());
    const { id, key } = newFile();
    const name = fileName(file.name);
    const offer = { id: toBase64(id), name, size: bytes.length, key, hash: await sha256(bytes) };
    const { sealed } = this;
    const device = to ? sealed.toOne(OFFER_KIND, offerBody(offer), to) : null;
    if (!device) sealed.toAll(OFFER_KIND, offerBody(offer));
    const { self } = sealed;
    if (!self) throw new SayError('offline', 'Not sent: there is no connection now.');
    this.ours.set(offer.id, {
      file: new Outgoing(offer.id, bytes, new ChunkSeal(id, key, bytes.length)),
      as: self,
      to: device,
    });
    this.shelf.add({ key: offer.id, name, size: offer.size, self: true, state: 'shared' });
    const whom = device ? { private: true, to: sealed.nameOf(device) } : { private: false };
    this.line(self, sealed.ownName, true, offer.name, offer.id, whom);
  }

  take(key: string): void {
    const theirs = this.theirs.get(key);
    const state = this.shelf.state(key);
    if (!theirs || (state !== 'offered' && state !== 'stalled')) return;
    if (this.shelf.count('receiving') >= AT_A_TIME)
      throw new SayError('many', `At most ${AT_A_TIME} files are received at a time.`);
    theirs.incoming ??= new Incoming(theirs.offer);
    this.ask(theirs, theirs.incoming);
    this.shelf.change(key, { state: 'receiving' });
    this.watch(key, theirs);
  }

  cancel(key: string): void {
    const theirs = this.theirs.get(key);
    if (theirs) {
      this.rest(theirs);
      if (this.shelf.state(key) === 'receiving') this.shelf.change(key, { state: 'offered', progress: 0 });
      return;
    }
    const ours = this.ours.get(key);
    if (!ours) return;
    this.ours.delete(key);
    this.shelf.change(key, { state: 'gone', sending: false });
    this.quietly(() => {
      if (ours.to) this.sealed.toOne(GONE_KIND, { id: key }, ours.to);
      else this.sealed.toAll(GONE_KIND, { id: key });
    });
  }

  whole(key: string): Blob | null {
    const bytes = this.theirs.get(key)?.incoming?.bytes;
    return bytes ? new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'application/octet-stream' }) : null;
  }

  private offered({ from, name, body, only }: Said): void {
    const offer = readOffer(body);
    const key = offer && keyOf(from, offer.id);
    if (!offer || !key || this.theirs.has(key)) return;
    const ofOne = [...this.theirs.values()].filter((theirs) => samePerson(theirs.from, from)).length;
    if (ofOne >= OFFERS_OF_ONE) return;
    if (this.theirs.size >= OFFERS) this.forgetOldest();
    this.theirs.set(key, { from, offer, incoming: null, timer: null });
    this.shelf.add({ key, name: offer.name, size: offer.size, self: false, state: 'offered' });
    this.line(from, name, false, offer.name, key, { private: only });
  }

  private wanted({ from, body }: Said): void {
    const ours = isID(body.id) ? this.ours.get(body.id) : undefined;
    if (!ours || (ours.to && !samePerson(ours.to, from))) return;
    const ranges = readWant(body, ours.file.size);
    if (!ranges || !ours.file.want(from, ranges)) return;
    this.showOurs(ours.file.id);
    this.sender.wake();
  }

  private async chunk({ from, body }: Said): Promise<void> {
    const chunk = readChunk(body);
    const key = chunk && keyOf(from, chunk.id);
    const theirs = key ? this.theirs.get(key) : undefined;
    if (!chunk || !key || !theirs?.incoming || this.shelf.state(key) !== 'receiving') return;
    const { incoming } = theirs;
    const taken = await incoming.take(chunk.n, chunk.data);
    if (theirs.incoming !== incoming || this.shelf.state(key) !== 'receiving') return; // stopped meanwhile
    if (taken === 'more') {
      this.shelf.change(key, { progress: incoming.progress });
      return this.watch(key, theirs);
    }
    clearTimer(this.clock, theirs);
    if (taken === 'broken') theirs.incoming = null;
    else this.quietly(() => this.sealed.toOne(WANT_KIND, wantBody(theirs.offer.id, []), from));
    this.shelf.change(key, taken === 'whole' ? { state: 'ready', progress: 1 } : { state: 'broken' });
  }

  private ask({ from, offer }: Theirs, incoming: Incoming): void {
    this.sealed.toOne(WANT_KIND, wantBody(offer.id, incoming.missing), from);
  }

  /** From now on, for a while, the next chunk is due. */
  private watch(key: string, theirs: Theirs): void {
    clearTimer(this.clock, theirs);
    theirs.timer = this.clock.setTimeout(() => {
      const { incoming } = theirs;
      if (!incoming) return;
      if (!incoming.stalled()) {
        theirs.timer = null;
        return this.shelf.change(key, { state: 'stalled' });
      }
      this.quietly(() => this.ask(theirs, incoming));
      this.watch(key, theirs);
    }, STALLED_MS);
  }

  private left(device: Device): void {
    for (const [key, { from }] of this.theirs) if (samePerson(from, device)) this.drop(key);
    for (const { file } of this.ours.values()) file.forget(device);
  }

  /** Who joined anew goes by another device: what the one before offered is looked for in vain. */
  private outlived(): void {
    const { self } = this.sealed;
    for (const [id, { as }] of this.ours) {
      if (!self || samePerson(as, self)) continue;
      this.ours.delete(id);
      this.shelf.change(id, { state: 'gone', sending: false });
    }
  }

  /** It is offered no more. What came whole stays. */
  private drop(key: string): void {
    const theirs = this.theirs.get(key);
    if (!theirs || this.shelf.state(key) === 'ready') return;
    this.rest(theirs);
    this.theirs.delete(key);
    this.shelf.change(key, { state: 'gone' });
  }

  private forgetOldest(): void {
    const idle = [...this.theirs.keys()].find((key) => !busy(this.shelf.state(key)));
    if (idle) this.drop(idle);
  }

  private rest(theirs: Theirs): void {
    clearTimer(this.clock, theirs);
    if (!theirs.incoming?.bytes) theirs.incoming = null;
  }

  private clear(): void {
    for (const theirs of this.theirs.values()) clearTimer(this.clock, theirs);
    this.theirs.clear();
    this.ours.clear();
    this.shelf.clear();
  }

  private line(from: Device, name: string, self: boolean, text: string, file: string, whom: Whom): void {
    const { user, device } = from;
    this.chat.add({ name, from: { user, device }, self, text, file, at: Date.now(), ...whom });
  }

  private showOurs(id: string): void {
    const file = this.ours.get(id)?.file;
    if (file) this.shelf.change(id, { taken: file.taken, sending: file.waiting });
  }

  /** Says what may be lost: it is asked for again, or nobody is there to be told. */
  private quietly(say: () => void): void {
    try {
      say();
    } catch (error) {
      if (!(error instanceof SayError)) throw error;
    }
  }
}

type Whom = { private: boolean; to?: string };

/** One has said yes to it. */
function busy(state: FileState | null): boolean {
  return state === 'receiving' || state === 'ready';
}

function clearTimer(clock: FilesClock, theirs: Theirs): void {
  if (theirs.timer !== null) clock.clearTimeout(theirs.timer);
  theirs.timer = null;
}

function keyOf({ user, device }: Device, id: string): string {
  return `${user}|${device}|${id}`;
}

function samePerson(a: PersonRef, b: PersonRef): boolean {
  return a.user === b.user && a.device === b.device;
}
