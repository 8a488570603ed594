/** Draws the boxes of a scene on a canvas: pictures, initials where there is none, names, and who speaks. */
import { healthy, type TileView } from '../../call/view.ts';
import { wordsOf } from '../people/states.ts';
import { avatarGround, initials } from '../stage/initials.ts';
import { personName, tileName } from '../stage/tile_name.ts';
import { text } from '../strings/text.ts';
import { type Box, fitted, PICTURE } from './scene.ts';

const CAPTION = 22; // px of the picture: high, and half of it as margin
const OUTLINE = 4;

type Paint = CanvasRenderingContext2D;

/** The video that plays a stream, or null while it has no picture yet. */
export type Frames = (stream: MediaStream) => HTMLVideoElement | null;

export function paintScene(paint: Paint, boxes: readonly Box[], frames: Frames, ink: (token: string) => string): void {
  paint.fillStyle = ink('--page');
  paint.fillRect(0, 0, PICTURE.width, PICTURE.height);
  for (const box of boxes) paintTile(paint, box, frames, ink);
}

function paintTile(paint: Paint, box: Box, frames: Frames, ink: (token: string) => string): void {
  const { tile, x, y, width, height } = box;
  paint.save();
  paint.beginPath();
  paint.rect(x, y, width, height);
  paint.clip();
  paint.fillStyle = ink('--tile');
  paint.fillRect(x, y, width, height);
  const video = shows(tile) && tile.video ? frames(tile.video) : null;
  if (video) {
    const fit = tile.kind === 'screen' ? 'contain' : 'cover';
    const { from, to } = fitted(fit, { width: video.videoWidth, height: video.videoHeight }, box);
    // Never mirrored: people read what is held up to a camera.
    paint.drawImage(video, from.x, from.y, from.width, from.height, to.x, to.y, to.width, to.height);
  } else if (!healthy(tile.state)) {
    words(paint, box, text(`state.${wordsOf(tile)}`), ink('--text'));
  } else if (tile.kind === 'camera') {
    avatar(paint, box, ink);
  }
  caption(paint, box, ink);
  if (tile.speaking && healthy(tile.state)) {
    paint.strokeStyle = ink('--accent');
    paint.lineWidth = OUTLINE;
    paint.strokeRect(x + OUTLINE / 2, y + OUTLINE / 2, width - OUTLINE, height - OUTLINE);
  }
  paint.restore();
}

/** Whether a picture would be one of now. */
function shows({ kind, camera, state, paused, unplayable }: TileView): boolean {
  return healthy(state) && (kind === 'screen' || camera) && !paused && !unplayable;
}

function avatar(paint: Paint, { tile, x, y, width, height }: Box, ink: (token: string) => string): void {
  const radius = Math.min(width, height) / 5;
  paint.fillStyle = ink(`--avatar-${avatarGround(tile.user + tile.device)}`);
  paint.beginPath();
  paint.arc(x + width / 2, y + height / 2, radius, 0, 2 * Math.PI);
  paint.fill();
  type(paint, radius * 0.8, ink('--on-avatar'));
  paint.textAlign = 'center';
  paint.fillText(initials(personName(tile)), x + width / 2, y + height / 2, radius * 2);
}

function words(paint: Paint, { x, y, width, height }: Box, said: string, colour: string): void {
  type(paint, Math.min(CAPTION, height / 6), colour);
  paint.textAlign = 'center';
  paint.fillText(said, x + width / 2, y + height / 2, width - CAPTION);
}

function caption(paint: Paint, { tile, x, y, width, height }: Box, ink: (token: string) => string): void {
  const size = Math.min(CAPTION, height / 6);
  type(paint, size * 0.7, ink('--on-scrim'));
  const name = tile.self && tile.kind === 'camera' ? personName(tile) : tileName(tile);
  const long = Math.min(paint.measureText(name).width, width - 3 * size);
  paint.fillStyle = ink('--scrim');
  paint.fillRect(x + size / 2, y + height - size * 1.5, long + size, size);
  paint.fillStyle = ink('--on-scrim');
  paint.textAlign = 'left';
  paint.fillText(name, x + size, y + height - size, long);
}

function type(paint: Paint, size: number, colour: string): void {
  paint.font = `600 ${Math.max(1, Math.round(size))}px system-ui, sans-serif`;
  paint.textBaseline = 'middle';
  paint.fillStyle = colour;
}
