// The frame transforms. A frame leaves `sealing` sealed or not at all, and leaves `opening` verified or not at all:
// there is no third way out, whatever throws. Both interfaces of the browser (RTCRtpScriptTransform and
// createEncodedStreams) end in these two functions.
import type { Counts } from './counts.ts';
import type { Codec, DropReason, Source } from './messages.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

/** An encoded frame of either interface; audio frames have no type. */
export interface EncodedFrame {
  data: ArrayBuffer;
  type?: 'key' | 'delta' | 'empty';
  getMetadata?(): { mimeType?: string; rtpTimestamp?: number; synchronizationSource?: number };
}

export interface Controller {
  enqueue(frame: EncodedFrame): void;
}

export type Transform = (frame: EncodedFrame, controller: Controller) => Promise<void>;

/** Seals under the sender key of the moment. */
export interface FrameSealer {
  seal(source: Source, codec: Codec, frame: Bytes): Promise<ArrayBuffer>;
}

/** Opens one sender's frames; asks the engine for keys and tells it what verified. */
export interface FrameOpener {
  open(source: Source, codec: Codec, sealed: Bytes, arrival: Arrival): Promise<ArrayBuffer>;
}

/** When the server says that a frame is to be played, and on which track: another object when timestamps begin anew. */
export interface Arrival {
  timestamp: number | undefined; // RTP; Chromium and Firefox tell it
  track: object;
}

interface Meaning {
  source: Source;
  codec: Codec;
}

/** The sealing transform of a track. `current` gives the sealer at the time of each frame, null while there is none. */
export function sealing(current: () => FrameSealer | null, meaning: Meaning, counts: Counts): Transform {
  return async (frame, controller) => {
    if (frame.data.byteLength === 0 || frame.type === 'empty') return counts.drop('empty');
    const sealer = current();
    if (!sealer) return counts.drop('no_key');
    // The codec is part of what is authenticated: a frame of another one would never open, so it is not sent.
    if (!carries(frame, meaning.codec)) return counts.drop('wrong_codec');
    let sealed: ArrayBuffer;
    try {
      sealed = await sealer.seal(meaning.source, meaning.codec, new Uint8Array(frame.data));
    } catch (error) {
      return counts.fail(reason(error));
    }
    frame.data = sealed;
    controller.enqueue(frame);
    counts.pass();
  };
}

/**
 * The opening transform of a track. `current` gives the sender's opener, null once the device is gone. `askForKeyFrame`
 * is called when a video frame opened that the decoder can do nothing with, because the key frame before it did not.
 */
export function opening(
  current: () => FrameOpener | null,
  meaning: Meaning,
  counts: Counts,
  askForKeyFrame: () => void,
): Transform {
  let needsKeyFrame = true;
  const arrived = arrivals();
  return async (frame, controller) => {
    if (frame.data.byteLength === 0) return counts.drop('empty');
    const opener = current();
    if (!opener) return counts.drop('no_key');
    let opened: ArrayBuffer;
    try {
      opened = await opener.open(meaning.source, meaning.codec, new Uint8Array(frame.data), arrived(frame));
    } catch (error) {
      const why = reason(error);
      // A packet that was sent again though it had come can make its frame a second time: the decoder has that one.
      if (why !== 'replay') needsKeyFrame = true;
      return counts.fail(why);
    }
    if (frame.type === 'key') needsKeyFrame = false;
    else if (frame.type === 'delta' && needsKeyFrame) askForKeyFrame();
    frame.data = opened;
    controller.enqueue(frame);
    counts.pass();
  };
}

/** Tells tracks apart: each receiver that is bound anew is one, and each SSRC within. */
function arrivals(): (frame: EncodedFrame) => Arrival {
  let track = {};
  let ssrc: number | undefined;
  return (frame) => {
    const { rtpTimestamp: timestamp, synchronizationSource } = frame.getMetadata?.() ?? {};
    if (synchronizationSource !== ssrc) track = {};
    ssrc = synchronizationSource;
    return { timestamp, track };
  };
}

/** Whether the frame is of this codec, where the browser says what it is of. */
function carries(frame: EncodedFrame, codec: Codec): boolean {
  const mime = frame.getMetadata?.().mimeType;
  return mime === undefined || mime.slice(mime.indexOf('/') + 1).toLowerCase() === codec;
}

function reason(error: unknown): DropReason {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? (code as DropReason) : 'internal';
}
