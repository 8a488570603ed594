// Screens, and in words why a device could not be had, or what became of it. Cameras and microphones are opened by own_devices.ts.
import type { Problem } from './view.ts';

export type DeviceKind = 'mic' | 'camera' | 'screen';

/** Of a screen, as it is: what cleans speech up makes one channel of it, and music worse. */
const SOUND = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: { ideal: 2 } };

/** Thrown where a device could not be opened. */
export class DeviceError extends Error {
  override name = 'DeviceError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Lets the person choose a screen, and its sound where the browser offers that. */
export async function openScreen(): Promise<{ video: MediaStreamTrack; audio: MediaStreamTrack | null }> {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15 } }, audio: SOUND });
    const [video] = stream.getVideoTracks();
    if (!video) throw new DOMException('no track', 'NotFoundError');
    video.contentHint = 'detail';
    const [audio = null] = stream.getAudioTracks();
    if (audio) audio.contentHint = 'music';
    return { video, audio };
  } catch (error) {
    throw new DeviceError(deviceProblem('screen', error));
  }
}

const names: Record<DeviceKind, string> = { mic: 'microphone', camera: 'camera', screen: 'screen' };

/** What getUserMedia's and getDisplayMedia's errors mean, and what to do. */
export function deviceProblem(kind: DeviceKind, error: unknown): Problem {
  const name = error instanceof DOMException || error instanceof Error ? error.name : '';
  const what = names[kind];
  if (kind === 'screen') {
    return {
      code: 'share_denied',
      message: 'The screen was not shared.',
      hint: 'The browser or the system did not allow it.',
    };
  }
  switch (name) {
    case 'BackgroundError':
      return {
        code: 'background_failed',
        message: 'Your background could not be hidden, so your camera is off.',
        hint: 'Try again, or choose no background in the settings.',
      };
    case 'NotAllowedError':
    case 'SecurityError':
      return {
        code: `${kind}_denied`,
        message: `The browser was told not to give this page the ${what}.`,
        hint: 'Allow it in the address bar, then switch it on again.',
      };
    case 'NotFoundError':
    case 'OverconstrainedError':
      return {
        code: `${kind}_missing`,
        message: `No ${what} was found.`,
        hint: 'Connect one, then switch it on again.',
      };
    default:
      return {
        code: `${kind}_busy`,
        message: `The ${what} could not be opened.`,
        hint: 'Another program may be using it. Close that program, then switch it on again.',
      };
  }
}

/** It was unplugged. */
export function gone(source: 'mic' | 'camera'): Problem {
  return {
    code: `${source}_lost`,
    message: `The ${names[source]} is gone.`,
    hint: 'Connect it again, then switch it on.',
  };
}

export const MIC_REPLACED: Problem = {
  code: 'mic_replaced',
  message: 'The microphone is gone. Another one is on in its place.',
  hint: 'Settings has the choice.',
};
export const MIC_BACK: Problem = { code: 'mic_back', message: 'The microphone is back, and on.' };
export const CAMERA_BACK: Problem = { code: 'camera_back', message: 'The camera is back, and on.' };
