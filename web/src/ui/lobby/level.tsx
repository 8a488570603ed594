/** How loud the microphone is, measured here and sent nowhere. */
import { useEffect, useRef } from 'preact/hooks';
import { text } from '../strings/text.ts';
import './level.css';

/** Root mean square of ordinary speech is near 0.1: shown as most of the bar. */
const LOUD = 0.16;
/** Screen readers get a new value at this distance, not sixty times a second. */
const SPOKEN_STEP = 25;

export function Level({ stream, on }: { stream: MediaStream | null; on: boolean }) {
  const meter = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const element = meter.current;
    if (!element || !on || !stream || stream.getAudioTracks().length === 0) return;
    return measure(stream, (level) => {
      element.style.setProperty('--level', level.toFixed(2));
      const spoken = String(Math.round((level * 100) / SPOKEN_STEP) * SPOKEN_STEP);
      if (element.getAttribute('aria-valuenow') !== spoken) element.setAttribute('aria-valuenow', spoken);
    });
  }, [stream, on]);

  return (
    // biome-ignore lint/a11y/useSemanticElements: a native meter cannot be drawn by a transform, and this one moves with every frame
    <div
      ref={meter}
      class="level"
      role="meter"
      aria-label={text('lobby.level')}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={0}
    />
  );
}

/** Calls back with 0..1 once a picture frame until the returned function is called, which also reports 0. */
function measure(stream: MediaStream, report: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  // Browsers hold audio back until the first click or key of a page.
  const wake = () => void context.resume().catch(() => {});
  addEventListener('pointerdown', wake);
  addEventListener('keydown', wake);
  let frame = requestAnimationFrame(function step() {
    analyser.getFloatTimeDomainData(samples);
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    report(Math.min(1, Math.sqrt(sum / samples.length) / LOUD));
    frame = requestAnimationFrame(step);
  });
  return () => {
    cancelAnimationFrame(frame);
    removeEventListener('pointerdown', wake);
    removeEventListener('keydown', wake);
    void context.close();
    report(0);
  };
}
