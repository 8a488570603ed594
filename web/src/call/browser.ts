// What a meeting takes of the browser as it is.
import type { TransformAPI } from './capabilities.ts';

export const timers = {
  setTimeout: (act: () => void, ms: number) => setTimeout(act, ms),
  clearTimeout: (timer: unknown) => clearTimeout(timer as ReturnType<typeof setTimeout>),
  random: () => Math.random(),
};

export function signalURL(origin: string): string {
  return `${origin.replace(/^http/, 'ws')}/v1/signal`;
}

export function dial(url: string): WebSocket {
  return new WebSocket(url);
}

/** From Wi-Fi to mobile and back, where a browser says so. It tells of other changes by the same event, which are none to us. */
export function onNetworkChange(changed: () => void): void {
  const network = (navigator as { connection?: EventTarget & { type?: string } }).connection;
  let type = network?.type;
  network?.addEventListener?.('change', () => {
    if (network.type === type) return;
    type = network.type;
    changed();
  });
}

/** max-bundle: one transport each, as the server has one port. Streams have to be asked for at the start. */
export function peerConfiguration(api: TransformAPI, iceServers: RTCIceServer[]): RTCConfiguration {
  const bundle: RTCConfiguration = { bundlePolicy: 'max-bundle', iceServers };
  return api === 'streams' ? ({ ...bundle, encodedInsertableStreams: true } as RTCConfiguration) : bundle;
}
