/**
 * Finds a QR code in what a camera shows. `Scanner` opens a camera of its own, looks a few times a second and stops the camera
 * with `close`, or once it has found one. Nothing of the picture leaves this page: the browser's own detector reads it where there
 * is one, else a decoder that is loaded when it is first needed.
 */

const LOOK_MS = 200;
/** Enough for a code that fills a third of the picture, and little enough to decode on a phone. */
const LARGEST = 640;

export type Read = (picture: ImageData) => Promise<string | null>;

interface Detector {
  detect(picture: ImageData): Promise<{ rawValue: string }[]>;
}

interface DetectorClass {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

export class Scanner {
  private stream: MediaStream | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  constructor(
    private readonly media: Pick<MediaDevices, 'getUserMedia'>,
    private readonly found: (text: string) => void,
  ) {}

  /** The picture to show; rejects where there is no camera to be had. */
  async open(): Promise<MediaStream> {
    const stream = await this.media.getUserMedia({
      audio: false,
      video: { facingMode: { ideal: 'environment' }, width: { ideal: 1280 } },
    });
    if (this.closed) stopAll(stream);
    this.stream = stream;
    return stream;
  }

  /** Looks at what this element shows until something is found. */
  async watch(video: HTMLVideoElement, reader: Promise<Read> = makeReader()): Promise<void> {
    const read = await reader;
    const canvas = document.createElement('canvas');
    const brush = canvas.getContext('2d', { willReadFrequently: true });
    const look = async () => {
      const picture = brush && take(video, canvas, brush);
      const text = picture && (await read(picture).catch(() => null));
      if (this.closed) return;
      if (text) {
        this.close();
        this.found(text);
      } else this.timer = setTimeout(look, LOOK_MS);
    };
    if (!this.closed) await look();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    if (this.stream) stopAll(this.stream);
  }
}

function stopAll(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function take(video: HTMLVideoElement, canvas: HTMLCanvasElement, brush: CanvasRenderingContext2D): ImageData | null {
  const { videoWidth, videoHeight } = video;
  if (videoWidth === 0) return null;
  const scale = Math.min(1, LARGEST / Math.max(videoWidth, videoHeight));
  canvas.width = Math.round(videoWidth * scale);
  canvas.height = Math.round(videoHeight * scale);
  brush.drawImage(video, 0, 0, canvas.width, canvas.height);
  return brush.getImageData(0, 0, canvas.width, canvas.height);
}

async function makeReader(): Promise<Read> {
  const { BarcodeDetector } = globalThis as { BarcodeDetector?: DetectorClass };
  const formats = (await BarcodeDetector?.getSupportedFormats().catch(() => [])) ?? [];
  if (BarcodeDetector && formats.includes('qr_code')) {
    const detector = new BarcodeDetector({ formats: ['qr_code'] });
    return async (picture) => (await detector.detect(picture))[0]?.rawValue ?? null;
  }
  const { default: decode } = await import('jsqr');
  return async ({ data, width, height }) =>
    decode(data, width, height, { inversionAttempts: 'dontInvert' })?.data ?? null;
}
