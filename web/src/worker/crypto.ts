// Joins the key ring to the frames: the names of sources and codecs become the numbers that the frames authenticate.
import { Codec as CodecNumber, Opener, Sealer, Source as SourceNumber } from './frames/index.ts';
import type { Codec, Source } from './messages.ts';
import type { FrameCrypto } from './ring.ts';

const sources: Record<Source, SourceNumber> = {
  mic: SourceNumber.mic,
  camera: SourceNumber.camera,
  screen: SourceNumber.screen,
  screen_audio: SourceNumber.screenAudio,
};
const codecs: Record<Codec, CodecNumber> = CodecNumber;

export const frameCrypto: FrameCrypto = {
  sealer(kid, baseKey) {
    const sealer = new Sealer(kid, baseKey);
    return {
      seal: async (source, codec, frame) => buffer(await sealer.seal(sources[source], codecs[codec], frame)),
    };
  },
  opener() {
    const opener = new Opener();
    return {
      add: (kid, baseKey) => opener.add(kid, baseKey),
      drop: (kid) => opener.drop(kid),
      has: (kid) => opener.has(kid),
      async open(source, codec, sealed) {
        const { frame, kid, ctr } = await opener.open(sources[source], codecs[codec], sealed);
        return { frame: buffer(frame), kid, ctr };
      },
    };
  },
};

/** Exactly these bytes as a buffer of their own, without a copy where they already are one. */
function buffer(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
}
