// A voice without the noise around it: RNNoise, in an audio worklet of this page.
import { loadRnnoise, RnnoiseWorkletNode } from '@sapphi-red/web-noise-suppressor';
import url from '@sapphi-red/web-noise-suppressor/rnnoise.wasm?url';
import simdUrl from '@sapphi-red/web-noise-suppressor/rnnoise_simd.wasm?url';
import worklet from '@sapphi-red/web-noise-suppressor/rnnoiseWorklet.js?url';
import { NotYetError } from '../treatment.ts';
import { derive } from './derived.ts';

const RATE_HZ = 48_000; // what RNNoise was trained on
const RUNS_WITHIN_MS = 1000;

export async function withoutNoise(raw: MediaStreamTrack): Promise<MediaStreamTrack> {
  const context = new AudioContext({ sampleRate: RATE_HZ });
  try {
    const [wasmBinary] = await Promise.all([loadRnnoise({ url, simdUrl }), context.audioWorklet.addModule(worklet)]);
    await running(context);
    const suppressor = new RnnoiseWorkletNode(context, { wasmBinary, maxChannels: 1 });
    const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream([raw]) }).connect(suppressor).connect(out);
    const [made] = out.stream.getAudioTracks();
    if (!made) throw new Error('no track came of it');
    // A system that took the sound away for a while, as for a phone call, gives it back only to who asks.
    context.onstatechange = () => {
      if (context.state !== 'running' && context.state !== 'closed') void context.resume().catch(() => {});
    };
    return derive(raw, made, () => {
      context.onstatechange = null;
      suppressor.destroy();
      void context.close();
    });
  } catch (error) {
    void context.close();
    throw error;
  }
}

async function running(context: AudioContext): Promise<void> {
  const patience = new Promise((resolve) => setTimeout(resolve, RUNS_WITHIN_MS));
  await Promise.race([context.resume(), patience]);
  if (context.state !== 'running') throw new NotYetError('the browser holds the sound back');
}
