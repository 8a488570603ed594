// What this browser can do, looked at before anybody is asked for a camera.
import type { Problem } from './view.ts';

/** How frames reach the worker: by the standard's transform, or by the streams that older Chromium has only. */
export type TransformAPI = 'script' | 'streams';

/** What is looked at, so that tests can take things away. */
export interface Surroundings {
  isSecureContext: boolean;
  RTCPeerConnection?: unknown;
  RTCRtpScriptTransform?: unknown;
  RTCRtpSender?: { prototype: object };
  Worker?: unknown;
  WebAssembly?: unknown;
}

/** `wanted` is the API that a test asks for; a browser without it falls back to the other. */
export function transformAPI(around: Surroundings, wanted: string | null): TransformAPI | null {
  const script = around.RTCRtpScriptTransform !== undefined;
  const streams = around.RTCRtpSender !== undefined && 'createEncodedStreams' in around.RTCRtpSender.prototype;
  if (streams && (wanted === 'streams' || !script)) return 'streams';
  return script ? 'script' : null;
}

/** Why this browser cannot take part, or null. */
export function obstacle(around: Surroundings): Problem | null {
  if (!around.isSecureContext) {
    return {
      code: 'insecure_context',
      message: 'This page was opened over plain HTTP, so the browser gives neither camera nor encryption.',
      hint: 'Open it through HTTPS, or on localhost.',
    };
  }
  if (around.RTCPeerConnection === undefined) {
    return { code: 'no_webrtc', message: 'This browser has no WebRTC.', hint: 'Use a current browser.' };
  }
  if (around.Worker === undefined || around.WebAssembly === undefined) {
    return {
      code: 'engine_failed',
      message: 'This browser runs no WebAssembly here, which the encryption needs.',
      hint: 'Some lockdown modes switch it off; allow it for this page.',
    };
  }
  if (transformAPI(around, null) === null) {
    return {
      code: 'no_transform',
      message: 'This browser cannot seal media before it is sent, so it cannot join.',
      hint: 'Use a current Chromium, Firefox or Safari.',
    };
  }
  return null;
}
