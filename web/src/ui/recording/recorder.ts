/**
 * A recording from the click to the file: everybody is told before the first picture is taken, what comes is written as it
 * comes, and whatever ends it, the file is closed. What it needs of the browser comes in as `RecorderParts`.
 */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Sink } from './sink.ts';
import { type Opening, opening } from './webm.ts';

/** Everybody in a layout of its own, or what one sees oneself. */
export type What = 'everybody' | 'view';

export type RecorderState =
  | { phase: 'idle' }
  | { phase: 'starting' }
  | { phase: 'recording' | 'saving' | 'saved'; name: string; seconds: number; bytes: number }
  /** `kept`: the file holds what came until then. */
  | { phase: 'failed'; name: string; kept: boolean };

/** As much of a MediaRecorder as is used. */
export interface Tape {
  start(slice: number): void;
  stop(): void;
  ondataavailable: ((event: { data: Blob }) => void) | null;
  onstop: (() => void) | null;
  onerror: (() => void) | null;
}

/** Pictures and sound of the meeting, for as long as it is open. */
export interface Take {
  tape: Tape;
  close(): void;
}

export interface RecorderParts {
  /** Null where the person chose no file. */
  sink(): Promise<Sink | null>;
  take(what: What): Promise<Take>;
  /** Tells everybody. */
  told(on: boolean): void;
  now(): number; // ms
  every(ms: number, act: () => void): () => void;
}

const SLICE_MS = 1000;
const HEAD = 4096; // bytes, in which the beginning of a file must be found

interface Running {
  sink: Sink;
  take: Take;
  since: number;
  seconds: number;
  bytes: number;
  /** What came first, until it holds the file's beginning; null once that was written. */
  head: Blob | null;
  opening: Opening | null;
  written: Promise<void>;
  broken: boolean;
  stopClock: () => void;
  over: Promise<void>;
}

export class Recorder {
  private readonly now = signal<RecorderState>({ phase: 'idle' });
  private readonly parts: RecorderParts;
  private running: Running | null = null;
  private wanted = false;

  constructor(parts: RecorderParts) {
    this.parts = parts;
  }

  get state(): ReadonlySignal<RecorderState> {
    return this.now;
  }

  async start(what: What): Promise<void> {
    const { phase } = this.now.value;
    if (phase === 'starting' || phase === 'recording' || phase === 'saving') return;
    this.now.value = { phase: 'starting' };
    this.wanted = true;
    let sink: Sink | null = null;
    try {
      sink = await this.parts.sink();
      if (!sink || !this.wanted) return await this.giveUp(sink);
      this.parts.told(true);
      const take = await this.parts.take(what);
      if (this.wanted) return this.run(sink, take);
      take.close();
      await this.giveUp(sink);
    } catch {
      this.parts.told(false);
      await sink?.close().catch(() => {});
      this.now.value = { phase: 'failed', name: sink?.name ?? '', kept: false };
    }
  }

  /** Resolves once the file is closed. */
  async stop(): Promise<void> {
    this.wanted = false;
    const { running } = this;
    if (!running) return;
    if (this.now.value.phase === 'recording') running.take.tape.stop();
    await running.over;
  }

  /** Puts away what was said of the last one. */
  dismiss(): void {
    const { phase } = this.now.value;
    if (phase === 'saved' || phase === 'failed') this.now.value = { phase: 'idle' };
  }

  private async giveUp(sink: Sink | null): Promise<void> {
    this.parts.told(false);
    this.now.value = { phase: 'idle' };
    await sink?.close();
  }

  private run(sink: Sink, take: Take): void {
    let end = () => {};
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    const running: Running = {
      ...{
        sink,
        take,
        since: this.parts.now(),
        seconds: 0,
        bytes: 0,
        head: new Blob([]),
        opening: null,
        broken: false,
        over,
      },
      written: Promise.resolve(),
      stopClock: this.parts.every(SLICE_MS, () => this.tell(running, 'recording')),
    };
    this.running = running;
    const { tape } = take;
    tape.ondataavailable = ({ data }) => {
      if (data.size > 0) this.write(running, data);
    };
    tape.onerror = () => this.breakOff(running);
    tape.onstop = () => void this.finish(running).then(end);
    this.tell(running, 'recording');
    tape.start(SLICE_MS);
  }

  private write(running: Running, data: Blob): void {
    running.bytes += data.size;
    running.written = running.written.then(async () => {
      if (running.broken) return;
      try {
        const part = running.head ? await this.open(running, new Blob([running.head, data])) : data;
        if (part) await running.sink.write(part);
      } catch {
        this.breakOff(running); // the disk is full, or the file is gone
      }
    });
  }

  /** The beginning, with a place for the length; null while more of it is to come. */
  private async open(running: Running, head: Blob): Promise<Blob | null> {
    running.opening = opening(new Uint8Array(await head.arrayBuffer()));
    const whole = running.opening !== null || head.size >= HEAD;
    running.head = whole ? null : head;
    if (!whole) return null;
    return running.opening ? new Blob([running.opening.bytes]) : head;
  }

  private breakOff(running: Running): void {
    running.broken = true;
    if (this.now.value.phase === 'recording') running.take.tape.stop();
  }

  /** The tape has stopped, because it was told to or because what it recorded ended. */
  private async finish(running: Running): Promise<void> {
    const { sink, take } = running;
    this.tell(running, 'saving');
    this.parts.told(false);
    running.stopClock();
    take.close();
    await running.written;
    let kept = true;
    try {
      if (running.head?.size && !running.broken) await sink.write(running.head);
      if (running.opening && !running.broken) {
        await sink.patch(running.opening.position, running.opening.length(running.seconds));
      }
      await sink.close();
    } catch {
      kept = false;
    }
    this.running = null;
    if (running.broken || !kept) this.now.value = { phase: 'failed', name: sink.name, kept: kept && running.bytes > 0 };
    else this.tell(running, 'saved');
  }

  private tell(running: Running, phase: 'recording' | 'saving' | 'saved'): void {
    if (phase !== 'saved') running.seconds = (this.parts.now() - running.since) / 1000;
    const { sink, seconds, bytes } = running;
    this.now.value = { phase, name: sink.name, seconds, bytes };
  }
}
