// The key ring: one sealer for what this device sends, one opener for each sender. Keys come in from the engine's
// effects and never go out. The ring also tells the engine what verified and what did not, in few words: forged frames
// come by the thousand, and each word costs a call into the engine.
import type { EngineEvent, KeyEffect } from './engine.ts';
import { Order } from './frames/index.ts';
import type { Codec, Device, Source } from './messages.ts';
import type { Arrival, Bytes, FrameOpener, FrameSealer } from './pipeline.ts';

/** What the ring needs of frames/: a sealer of one key. */
export interface KeySealer {
  seal(source: Source, codec: Codec, frame: Bytes): Promise<ArrayBuffer>;
}

/** What the ring needs of frames/: the keys and replay windows of one sender. */
export interface KeyOpener {
  add(kid: bigint, baseKey: Bytes): void;
  drop(kid: bigint): void;
  has(kid: bigint): boolean;
  open(source: Source, codec: Codec, sealed: Bytes): Promise<{ frame: ArrayBuffer; kid: bigint; ctr: bigint }>;
}

export interface FrameCrypto {
  sealer(kid: bigint, baseKey: Bytes): KeySealer;
  opener(): KeyOpener;
}

/** Gives the engine an event; the effects, new keys among them, are applied before it returns. */
export type Report = (event: EngineEvent) => void;

const WANTED_PER_SECOND = 10; // of one sender; an honest one changes its key a few times a second at most
const FAILED_EVERY_MS = 100; // of one sender; the engine acts on 3 failures within 500 ms

export type RingEffect = Exclude<KeyEffect, { type: 'wake_at' | 'pinned' | 'secret_changed' }>;

export class KeyRing {
  private current: FrameSealer | null = null;
  private readonly senders = new Map<string, SenderOpener>();
  private readonly gone = new Set<string>();
  private readonly crypto: FrameCrypto;
  private readonly report: Report;
  private readonly now: () => number;

  constructor(crypto: FrameCrypto, report: Report, now: () => number) {
    this.crypto = crypto;
    this.report = report;
    this.now = now;
  }

  /** The sealer of the newest key, or null before there is one. */
  sealer(): FrameSealer | null {
    return this.current;
  }

  /** The opener of a device, null once it is gone. It exists before the first key: what comes early is asked for. */
  opener(from: Device): FrameOpener | null {
    return this.gone.has(refKey(from)) ? null : this.sender(from);
  }

  apply(effect: RingEffect): void {
    switch (effect.type) {
      case 'seal_with':
        this.current = this.crypto.sealer(BigInt(effect.kid), bytes(effect.base_key));
        return;
      case 'open_with':
        if (this.gone.has(refKey(effect.from))) return;
        this.sender(effect.from).keys.add(BigInt(effect.kid), bytes(effect.base_key));
        return;
      case 'drop_key':
        this.senders.get(refKey(effect.from))?.drop(BigInt(effect.kid));
        return;
      case 'drop_device':
        this.senders.delete(refKey(effect.from));
        this.gone.add(refKey(effect.from)); // a join id never comes back, so a window is never made anew
        return;
    }
  }

  /** Forgets everything: the call is over, or the engine is gone. */
  clear(): void {
    this.current = null;
    this.senders.clear();
    this.gone.clear();
  }

  private sender(from: Device): SenderOpener {
    const key = refKey(from);
    const known = this.senders.get(key);
    if (known) return known;
    const made = new SenderOpener(from, this.crypto.opener(), this.report, this.now);
    this.senders.set(key, made);
    return made;
  }
}

class SenderOpener implements FrameOpener {
  private readonly orders: Partial<Record<Source, Order>> = { mic: new Order(), screen_audio: new Order() }; // outlive tracks
  private readonly announced = new Set<bigint>(); // KIDs of which the engine knows that they verify
  private troubled = false; // the engine was told of trouble since it last heard that frames verify
  private wantedSince = 0;
  private wanted = 0;
  private failedAt = Number.NEGATIVE_INFINITY;
  private readonly from: Device;
  readonly keys: KeyOpener;
  private readonly report: Report;
  private readonly now: () => number;

  constructor(from: Device, keys: KeyOpener, report: Report, now: () => number) {
    this.from = from;
    this.keys = keys;
    this.report = report;
    this.now = now;
  }

  async open(source: Source, codec: Codec, sealed: Bytes, arrival: Arrival): Promise<ArrayBuffer> {
    try {
      return await this.verify(source, codec, sealed, arrival);
    } catch (error) {
      const { code, kid, dropped } = error as { code?: string; kid?: bigint; dropped?: boolean };
      const obtained = code === 'unknown_key' && kid !== undefined && !dropped && this.obtain(kid);
      if (obtained) return this.verify(source, codec, sealed, arrival);
      if (code === 'authentication' && kid !== undefined) this.failed(kid);
      throw error;
    }
  }

  drop(kid: bigint): void {
    this.keys.drop(kid);
    this.announced.delete(kid);
  }

  private async verify(source: Source, codec: Codec, sealed: Bytes, arrival: Arrival): Promise<ArrayBuffer> {
    const { frame, kid, ctr } = await this.keys.open(source, codec, sealed);
    if (this.troubled || !this.announced.has(kid)) {
      this.troubled = false;
      this.announced.add(kid);
      this.report({ type: 'frame_opened', from: this.from, kid: kid.toString() });
    }
    // After the word to the engine: the key is good, whatever the server does with the order of frames.
    this.orders[source]?.accept({ kid, ctr }, arrival.timestamp, arrival.track);
    return frame;
  }

  /** Asks the engine for a key, which can often be derived on the spot; whether it is there now. */
  private obtain(kid: bigint): boolean {
    if (this.keys.has(kid)) return true;
    const now = this.now();
    if (now - this.wantedSince >= 1000) {
      this.wantedSince = now;
      this.wanted = 0;
    }
    if (this.wanted >= WANTED_PER_SECOND) return false;
    this.wanted++;
    this.troubled = true;
    this.report({ type: 'key_wanted', from: this.from, kid: kid.toString() });
    return this.keys.has(kid);
  }

  private failed(kid: bigint): void {
    const now = this.now();
    if (now - this.failedAt < FAILED_EVERY_MS) return;
    this.failedAt = now;
    this.troubled = true;
    this.report({ type: 'frame_failed', from: this.from, kid: kid.toString() });
  }
}

/** A device in one join as the key of a map. */
export function refKey(ref: Device): string {
  return `${ref.user}|${ref.device}|${ref.join_id}`;
}

function bytes(base64: string): Bytes {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}
