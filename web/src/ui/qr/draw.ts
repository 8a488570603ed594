/** Draws a QR code as one path of an SVG: a square unit a module, with the quiet zone that scanners need around it. */
import { encode } from 'uqr';

const QUIET = 4;

export interface QRDrawing {
  size: number;
  path: string;
}

export function drawQR(text: string): QRDrawing {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET });
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return { size, path };
}
