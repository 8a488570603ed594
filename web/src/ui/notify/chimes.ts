/** Short sounds made here, of two notes each; none is fetched. `Chimes` plays them through one audio context. */

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

  constructor(
    private readonly make: () => AudioContext,
    private readonly now: () => number,
  ) {}

  /** Plays it; but what comes many times in a second sounds once. */
  play(chime: Chime): void {
    const last = this.last.get(chime);
    if (last !== undefined && this.now() - last < PAUSE_MS) return;
    this.last.set(chime, this.now());
    this.context ??= this.make();
    if (this.context.state === 'suspended') void this.context.resume();
    const { context } = this;
    for (const [place, pitch] of notes[chime].entries()) {
      const at = context.currentTime + place * NOTE;
      const tone = new OscillatorNode(context, { frequency: pitch });
      const volume = new GainNode(context, { gain: 0 });
      volume.gain.setValueAtTime(0, at);
      volume.gain.linearRampToValueAtTime(LOUD, at + FADE / 10);
      volume.gain.exponentialRampToValueAtTime(LOUD / 100, at + FADE);
      tone.connect(volume).connect(context.destination);
      tone.start(at);
      tone.stop(at + FADE);
    }
  }
}
