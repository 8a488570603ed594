// Draws a person before another background. The blurred one is the picture itself, made very small and large again: that
// is cheap, every browser can do it, and nothing that was written on a wall is left to read.

export type Backdrop = 'blur' | ImageBitmap;

const SMALL = [8, 32]; // the picture is divided by these, one after the other
const SOFT = 'blur(2px)'; // of the mask's edge; a browser without filters has a harder one

export class Composer {
  readonly canvas: HTMLCanvasElement;
  private readonly brush: CanvasRenderingContext2D;
  private readonly steps = SMALL.map(() => brushOf(document.createElement('canvas')));

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
    this.brush = brushOf(canvas);
  }

  /** Draws anew, in this size. */
  draw(picture: CanvasImageSource, mask: CanvasImageSource, backdrop: Backdrop, width: number, height: number): void {
    const { canvas, brush } = this;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    brush.globalCompositeOperation = 'copy';
    brush.filter = SOFT;
    brush.drawImage(mask, 0, 0, width, height);
    brush.filter = 'none';
    brush.globalCompositeOperation = 'source-in';
    brush.drawImage(picture, 0, 0, width, height);
    brush.globalCompositeOperation = 'destination-over';
    if (backdrop === 'blur') this.drawBlurred(picture, width, height);
    else this.drawCovering(backdrop, width, height);
  }

  /** As large as needed, cut where it is too long. */
  private drawCovering(image: ImageBitmap, width: number, height: number): void {
    const scale = Math.max(width / image.width, height / image.height);
    const [w, h] = [image.width * scale, image.height * scale];
    this.brush.drawImage(image, (width - w) / 2, (height - h) / 2, w, h);
  }

  private drawBlurred(picture: CanvasImageSource, width: number, height: number): void {
    let source = picture;
    for (const [i, step] of this.steps.entries()) {
      const { canvas } = step;
      const by = SMALL[i] ?? 1;
      canvas.width = Math.max(1, Math.round(width / by));
      canvas.height = Math.max(1, Math.round(height / by));
      step.drawImage(source, 0, 0, canvas.width, canvas.height);
      source = canvas;
    }
    const [middle, smallest] = this.steps;
    if (!middle || !smallest) return;
    // Back by the middle size: one large step would show the pixels.
    middle.drawImage(smallest.canvas, 0, 0, middle.canvas.width, middle.canvas.height);
    this.brush.drawImage(middle.canvas, 0, 0, width, height);
  }
}

function brushOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const brush = canvas.getContext('2d');
  if (!brush) throw new Error('this browser draws nothing');
  brush.imageSmoothingQuality = 'high';
  return brush;
}
