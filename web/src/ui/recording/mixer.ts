/**
 * Everybody's sound in one track, one's own too, each as loud as it is heard here; silence where nobody speaks, so that the
 * track never ends.
 */
import { type Meeting, volumeOf } from '../../call/view.ts';

/** A voice, or what a screen plays, and how loud: 0 to 1. */
export interface Heard {
  stream: MediaStream;
  level: number;
}

interface Source {
  node: MediaStreamAudioSourceNode;
  gain: GainNode;
}

/** What is heard of a meeting now: of the others as their volume is set here, of oneself what one sends. */
export function heardIn({ tiles, stage, recording }: Pick<Meeting, 'tiles' | 'stage' | 'recording'>): Heard[] {
  const others = tiles.value.flatMap((tile) => {
    const { level, muted } = volumeOf(stage.volumes.value, tile);
    return tile.audio && !tile.self && !muted ? [{ stream: tile.audio, level }] : [];
  });
  return [...others, ...recording.sound().map((stream) => ({ stream, level: 1 }))];
}

const STARTS_WITHIN_MS = 3000;

export class Mixer {
  private readonly context: AudioContext;
  private readonly out: MediaStreamAudioDestinationNode;
  private readonly sources = new Map<MediaStream, Source>();

  constructor(context = new AudioContext()) {
    this.context = context;
    this.out = context.createMediaStreamDestination();
  }

  get track(): MediaStreamTrack {
    const [track] = this.out.stream.getAudioTracks();
    if (!track) throw new Error('an audio destination has a track');
    return track;
  }

  /** Begins to play into nothing: a context made without a click would stand still, in Firefox also one without a speaker. */
  async start(): Promise<void> {
    const { context } = this;
    const patience = new Promise((resolve) => setTimeout(resolve, STARTS_WITHIN_MS));
    await Promise.race([context.resume(), patience]);
    if (context.state !== 'running') {
      this.close();
      throw new Error('the browser plays no sound');
    }
  }

  /** Mixes these and no others. */
  hear(all: readonly Heard[]): void {
    const now = new Map(all.filter(({ stream }) => stream.getAudioTracks().length > 0).map((h) => [h.stream, h.level]));
    for (const [stream, { node, gain }] of this.sources) {
      if (now.has(stream)) continue;
      node.disconnect();
      gain.disconnect();
      this.sources.delete(stream);
    }
    for (const [stream, level] of now) this.source(stream).gain.gain.value = level;
  }

  close(): void {
    this.hear([]);
    this.context.close().catch(() => {}); // closed already
  }

  private source(stream: MediaStream): Source {
    const before = this.sources.get(stream);
    if (before) return before;
    const source = { node: this.context.createMediaStreamSource(stream), gain: this.context.createGain() };
    source.node.connect(source.gain).connect(this.out);
    this.sources.set(stream, source);
    return source;
  }
}
