// How one sees oneself: one's own picture, and one's screen while it is shared.
import type { Device } from '../wire.ts';
import type { OwnMedia } from './own_media.ts';
import type { TileState, TileView } from './view.ts';

export interface Own {
  self: Device;
  name: string;
  state: TileState;
  hand: number;
  speaks: boolean;
  /** Our line carries too little of what we send. */
  weak: boolean;
  recording: boolean;
  media: OwnMedia;
}

export function ownTiles({
  self: { user, device },
  name,
  state,
  hand,
  speaks,
  weak,
  recording,
  media,
}: Own): TileView[] {
  const mic = media.mic.value;
  const said = { hand, recording, speaking: speaks && mic, paused: false, weak, unplayable: null };
  const self = { name, self: true, user, device, state, audio: null, ...said };
  const camera = media.camera.value;
  const tiles: TileView[] = [
    { ...self, key: 'self/camera', kind: 'camera', video: media.stream('camera'), mic, camera },
  ];
  const screen = media.stream('screen');
  if (screen) {
    tiles.push({ ...self, key: 'self/screen', kind: 'screen', video: screen, mic, camera, speaking: false });
  }
  return tiles;
}

/** The tile of somebody when there is no engine: a picture that stands still would pretend that it opens. */
export function stopped(tile: TileView): TileView {
  return { ...tile, state: 'engine_failed', video: null, audio: null };
}
