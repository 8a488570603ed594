// A picture on its way out: asks the browser for encodings and switches those off that nobody is sent.
import type { Codec, Layer } from '../wire.ts';
import { type Encoding, encodingsFor, layersOf, type Picture, want, withoutModes } from './encodings.ts';
import type { Size } from './view.ts';

const USUAL: Size = { width: 1280, height: 720 }; // where a browser does not tell

/** A transceiver that sends this track in the encodings that suit it. */
export function sendPicture(
  connection: RTCPeerConnection,
  track: MediaStreamTrack,
  picture: Picture,
  codec: Codec,
): RTCRtpTransceiver {
  const sendEncodings = encodingsFor(picture, codec, sizeOf(track));
  try {
    return connection.addTransceiver(track, { direction: 'sendonly', sendEncodings });
  } catch {
    // The browser has no such scalability mode, for any codec.
    return connection.addTransceiver(track, { direction: 'sendonly', sendEncodings: withoutModes(sendEncodings) });
  }
}

export class VideoSender {
  private readonly sender: RTCRtpSender;
  private readonly picture: Picture;
  private readonly codec: Codec;
  private readonly mode: string | undefined; // with all layers; a browser that knows no modes tells none
  private size: Size;
  private wanted = Number.POSITIVE_INFINITY; // layers, from the smallest up
  private turn: Promise<void> = Promise.resolve();

  constructor({ sender }: RTCRtpTransceiver, track: MediaStreamTrack, picture: Picture, codec: Codec) {
    this.sender = sender;
    this.picture = picture;
    this.codec = codec;
    this.size = sizeOf(track);
    this.mode = this.encodings[0]?.scalabilityMode;
    this.adjust();
  }

  /** Encodes this many layers, the smallest first, until told otherwise. */
  want(layers: number): void {
    this.wanted = layers;
    this.adjust();
  }

  /** Whether the picture has another size than before. */
  resized(): boolean {
    const { track } = this.sender;
    const size = track ? sizeOf(track) : this.size;
    const same = size.width === this.size.width && size.height === this.size.height;
    this.size = size;
    return !same;
  }

  /** The sizes it comes in, whatever is left out of them now; none where there is one. */
  layers(): Layer[] {
    const { encodings, mode } = this;
    const [only] = encodings;
    const whole = encodings.length === 1 && only && mode ? [{ ...only, scalabilityMode: mode }] : encodings;
    return layersOf(whole, this.size);
  }

  /** A track of a very different size is sent in another number of layers, which needs a transceiver of its own. */
  fits(track: MediaStreamTrack): boolean {
    const asked = encodingsFor(this.picture, this.codec, sizeOf(track));
    const sameMode = this.mode === undefined || asked[0]?.scalabilityMode === this.mode;
    return asked.length === this.encodings.length && sameMode;
  }

  private get encodings(): Encoding[] {
    return this.sender.getParameters().encodings;
  }

  /**
   * Browsers take parameters only just after they were read, and not twice at once. What one refuses stays as it was:
   * that costs work and nothing else.
   */
  private adjust(): void {
    this.turn = this.turn.then(async () => {
      const parameters = this.sender.getParameters();
      want(parameters.encodings, this.wanted, this.mode);
      parameters.degradationPreference = this.picture === 'screen' ? 'maintain-resolution' : 'maintain-framerate';
      await this.sender.setParameters(parameters).catch(() => {});
    });
  }
}

function sizeOf(track: MediaStreamTrack): Size {
  const { width = 0, height = 0 } = track.getSettings();
  return width > 0 && height > 0 ? { width, height } : USUAL;
}
