/** A button that plays three notes where the voices of a call would be heard. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../controls/button.tsx';
import { text } from '../strings/text.ts';
import { sendTo } from './use_sink.ts';

const NOTES_HZ = [523.25, 659.25, 783.99];
const NOTE_S = 0.28;
const LOUDNESS = 0.2;

export function TestSound({ speaker }: { speaker: string }) {
  const [playing, setPlaying] = useState(false);
  const stop = useRef<(() => void) | null>(null);
  useEffect(() => () => stop.current?.(), []);

  function play() {
    setPlaying(true);
    stop.current = playNotes(speaker, () => setPlaying(false));
  }

  return (
    <Button busy={playing} onClick={play}>
      {text(playing ? 'settings.sound.playing' : 'settings.sound.test')}
    </Button>
  );
}

/** By an element, as voices are: a page may send an element to a speaker. Returns what ends it at once. */
function playNotes(speaker: string, ended: () => void): () => void {
  const context = new AudioContext();
  const loudness = new GainNode(context, { gain: LOUDNESS });
  const out = context.createMediaStreamDestination();
  loudness.connect(out);
  const last = NOTES_HZ.map((frequency, i) => {
    const note = new OscillatorNode(context, { frequency });
    const swell = new GainNode(context, { gain: 0 });
    const begin = context.currentTime + i * NOTE_S;
    swell.gain.setValueAtTime(0, begin);
    swell.gain.linearRampToValueAtTime(1, begin + NOTE_S / 4);
    swell.gain.linearRampToValueAtTime(0, begin + NOTE_S);
    note.connect(swell).connect(loudness);
    note.start(begin);
    note.stop(begin + NOTE_S);
    return note;
  }).at(-1);
  const element = new Audio();
  element.srcObject = out.stream;
  void sendTo(element, speaker).then(() => element.play().catch(() => {}));
  let over = false;
  const stop = () => {
    if (over) return;
    over = true;
    element.srcObject = null;
    void context.close();
    ended();
  };
  last?.addEventListener('ended', stop);
  return stop;
}
