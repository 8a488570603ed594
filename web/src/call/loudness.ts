// How loud a microphone is, measured here and sent nowhere.
import type { DevicesView } from './devices_view.ts';

/** Opens the microphone that is chosen, and reports its root mean square, 0 to 1, until the function it gives is called. */
export async function listenTo(
  devices: Pick<DevicesView, 'open'>,
  heard: (loudness: number) => void,
  everyMs: number,
): Promise<() => void> {
  const [track] = await devices.open({ mic: true });
  if (!track) throw new Error('there is no microphone');
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 2048;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    heard(Math.sqrt(sum / samples.length));
  }, everyMs);
  return () => {
    clearInterval(timer);
    track.stop();
    void context.close();
  };
}
