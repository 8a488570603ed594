import { readFileSync } from 'node:fs';
import decode from 'jsqr';
import { expect, test, vi } from 'vitest';
import { drawQR } from '../../src/ui/qr/draw.ts';
import { emojiAt } from '../../src/ui/verify/emoji.ts';
import { Scanner } from '../../src/ui/verify/scanner.ts';

test('the emoji and their names are those of the Go client, in the same order', () => {
  const source = readFileSync(new URL('../../../olmkeys/emoji.go', import.meta.url), 'utf8');
  const table = [...source.matchAll(/\{"([^"]+)", "([^"]+)"\}/g)].map(([, picture, name]) => ({ picture, name }));
  expect(table).toHaveLength(64);
  expect(table.map((_, index) => emojiAt(index))).toEqual(table);
  expect(() => emojiAt(64)).toThrow(RangeError);
  expect(() => emojiAt(-1)).toThrow(RangeError);
});

/** As long as the engine's, and of the same letters. */
const code = `grotto:v1:${'Az09-_'.repeat(18).slice(0, 107)}`;

test('a drawn code says what was put in, with a quiet zone around it', () => {
  const drawing = drawQR(code);
  const { picture, side } = painted(drawing, 4);
  expect(decode(picture, side, side)?.data).toBe(code);
  const edge = [...drawing.path.matchAll(/M(\d+) (\d+)/g)].map(([, x, y]) => Math.min(Number(x), Number(y)));
  expect(Math.min(...edge)).toBe(4);
});

test('a scanner stops its camera when it is closed, also one that opens afterwards', async () => {
  const stop = vi.fn();
  const stream = { getTracks: () => [{ stop }] } as unknown as MediaStream;
  let open = (_: MediaStream) => {};
  const getUserMedia = vi.fn(() => new Promise<MediaStream>((resolve) => (open = resolve)));

  const late = new Scanner({ getUserMedia }, () => {});
  const opening = late.open();
  late.close();
  open(stream);
  await opening;
  expect(stop).toHaveBeenCalledTimes(1);

  const shown = new Scanner({ getUserMedia: async () => stream }, () => {});
  await shown.open();
  expect(stop).toHaveBeenCalledTimes(1);
  shown.close();
  expect(stop).toHaveBeenCalledTimes(2);
});

test('a scanner asks for a camera and for no microphone', async () => {
  const getUserMedia = vi.fn(async () => ({ getTracks: () => [] }) as unknown as MediaStream);
  await new Scanner({ getUserMedia }, () => {}).open();
  expect(getUserMedia).toHaveBeenCalledWith(expect.objectContaining({ audio: false }));
});

function painted({ size, path }: { size: number; path: string }, scale: number) {
  const side = size * scale;
  const picture = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
    for (let row = 0; row < scale; row++) {
      for (let column = 0; column < scale; column++) {
        const at = ((Number(y) * scale + row) * side + Number(x) * scale + column) * 4;
        picture.fill(0, at, at + 3);
      }
    }
  }
  return { picture, side };
}
