/** Short sounds made here, of two notes each; none is fetched. `Chimes` plays them through one audio context. */
import { sendTo } from '../settings/use_sink.ts';

export type Chime = 'joined' | 'left' | 'message' | 'hand' | 'knock';

/** In Hz: up for what begins, down for what ends. */
const notes: Record<Chime, readonly number[]> = {
  joined: [523, 784],
  left: [659, 440],
  message: [880, 988],
  hand: [587, 740],
  knock: [440, 440, 440],
};

const NOTE = 0.12; // s from one note to the next
const FADE = 0.25; // s until it has died away
const LOUD = 0.08; // of 1: below a voice
const PAUSE_MS = 1000; // between two of a kind

export class Chimes {
  private context: AudioContext | null = null;
  private readonly last = new Map<Chime, number>();
  private speaker = '';
  private away: { node: AudioNode; element: HTMLMediaElement } | null = null; // the way to a chosen speaker

  constructor(
    private readonly make: () => AudioContext,
    private readonly now: () => number,
  ) {}

  /** From now on they are heard there, as voices are; '' is the system's speaker. */
  hearFrom(speaker: string): void {
    this.speaker = speaker;
    if (this.away) void sendTo(this.away.element, speaker);
  }

  /** Plays it; but what comes many times in a second sounds once. */
  play(chime: Chime): void {
    const last = this.last.get(chime);
    if (last !== undefined && this.now() - last < PAUSE_MS) return;
    this.last.set(chime, this.now());
    this.context ??= this.make();
    if (this.context.state === 'suspended') void this.context.resume();
    const { context } = this;
    const out = this.out(context);
    for (const [place, pitch] of notes[chime].entries()) {
      const at = context.currentTime + place * NOTE;
      const tone = new OscillatorNode(context, { frequency: pitch });
      const volume = new GainNode(context, { gain: 0 });
      volume.gain.setValueAtTime(0, at);
      volume.gain.linearRampToValueAtTime(LOUD, at + FADE / 10);
      volume.gain.exponentialRampToValueAtTime(LOUD / 100, at + FADE);
      tone.connect(volume).connect(out);
      tone.start(at);
      tone.stop(at + FADE);
    }
  }
  /** Not every browser sends a context to a speaker; all that have a choice of speakers send an element there. */
  private out(context: AudioContext): AudioNode {
    if (this.speaker === '') return context.destination;
    if (this.away) return this.away.node;
    const node = context.createMediaStreamDestination();
    const element = new Audio();
    element.srcObject = node.stream;
    void sendTo(element, this.speaker).then(() => element.play().catch(() => {})); // refused before the first click
    this.away = { node, element };
    return node;
  }
}
