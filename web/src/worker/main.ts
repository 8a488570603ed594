// The worker's entry: gives Host the real engine, clock and streams. Everything of substance is elsewhere.
/// <reference lib="webworker" />
import { frameCrypto } from './crypto.ts';
import { type Clock, Host } from './host.ts';
import { KeptIdentity } from './identity.ts';
import { identityStore, ownDevice } from './identity_store.ts';
import { loadEngine } from './load.ts';
import type { FromWorker, ToWorker, TransformOptions } from './messages.ts';
import { pipe, type Streams } from './pipe.ts';
import type { Transform } from './pipeline.ts';
import { forgetSecret, sealSecret, unsealSecret } from './secret.ts';

const scope = self as unknown as DedicatedWorkerGlobalScope;
const COUNTS_EVERY_MS = 1000;

const clock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  setTimeout: (act, ms) => setTimeout(act, ms),
  clearTimeout: (timer) => clearTimeout(timer as number | undefined),
};

function post(message: FromWorker): void {
  scope.postMessage(message);
}

function run(streams: Streams, transform: Transform): void {
  pipe(streams, transform).catch(() => {}); // the track has ended
}

async function start(): Promise<Host> {
  let host: Host | null = null;
  const engine = await loadEngine(() => host?.fail('the encryption engine stopped'));
  const secrets = { seal: sealSecret, unseal: unsealSecret, forget: forgetSecret };
  const identities = new KeptIdentity(identityStore, ownDevice, () => engine.newIdentity());
  const newWords = async () => (await import('../call/words.ts')).newWords();
  host = new Host({ engine, crypto: frameCrypto, clock, secrets, identities, newWords, post, pipe: run });
  setInterval(() => host?.reportCounts(), COUNTS_EVERY_MS);
  return host;
}

const started = start();
started.then(
  () => post({ type: 'ready' }),
  (error: unknown) => post({ type: 'failed', failure: { code: 'engine_failed', message: String(error) } }),
);

scope.onmessage = (event: MessageEvent<ToWorker>) => {
  started.then((host) => host.handle(event.data)).catch(() => {}); // said above
};

scope.onrtctransform = ({ transformer }: RTCTransformEvent) => {
  const ask = () => transformer.sendKeyFrameRequest().catch(() => {}); // the track may have ended meanwhile
  started
    .then((host) => run(transformer, host.transform(transformer.options as TransformOptions, ask)))
    .catch(() => {});
};
