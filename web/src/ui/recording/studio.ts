/** Makes the pictures and the sound of a recording out of a meeting, and what a Recorder needs of the browser. */
import { pictureTrack } from '../../call/effects/picture_track.ts';
import type { Meeting, Size, TileView } from '../../call/view.ts';
import { text } from '../strings/text.ts';
import { Videos } from './frames.ts';
import { heardIn, Mixer } from './mixer.ts';
import { paintScene } from './painter.ts';
import type { RecorderParts, Take, Tape, What } from './recorder.ts';
import { asSeen, type Box, everybody, PICTURE } from './scene.ts';
import { type FileType, openSink, type Picker } from './sink.ts';

const FRAME_MS = 50;
const IDLE_MS = 20; // at least, between two pictures: the page has other things to do
const SCENE_FRAMES = 4; // so many pictures until it is looked again where people are
const VIDEO_BITS = 2_500_000;
const AUDIO_BITS = 96_000;

const formats: { record: string; file: FileType }[] = [
  { record: 'video/webm;codecs=vp8,opus', file: { mime: 'video/webm', extension: 'webm' } },
  { record: 'video/webm', file: { mime: 'video/webm', extension: 'webm' } },
  { record: 'video/mp4', file: { mime: 'video/mp4', extension: 'mp4' } }, // Safari before 18.4
];

function format() {
  if (typeof MediaRecorder === 'undefined') return undefined;
  return formats.find(({ record }) => MediaRecorder.isTypeSupported(record));
}

export function canRecord(): boolean {
  return format() !== undefined && typeof AudioContext !== 'undefined';
}

export function recorderParts(meeting: Meeting): RecorderParts {
  return {
    async sink() {
      const { file } = format() ?? {};
      if (!file) throw new Error('this browser does not record');
      const at = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString();
      const name = `${meeting.slug}-${at.slice(0, 16).replace(/[T:]/g, '-')}.${file.extension}`;
      return openSink(window as Picker, name, file, text('recording.file'));
    },
    take: (what) => openTake(meeting, what),
    told: (on) => meeting.recording.tell(on),
    now: () => performance.now(),
    every(ms, act) {
      const timer = setInterval(act, ms);
      return () => clearInterval(timer);
    },
  };
}

async function openTake(meeting: Meeting, what: What): Promise<Take> {
  const canvas = document.createElement('canvas');
  canvas.width = PICTURE.width;
  canvas.height = PICTURE.height;
  const paint = canvas.getContext('2d', { alpha: false });
  if (!paint) throw new Error('there is no canvas to draw on');
  const mixer = new Mixer();
  await mixer.start();
  const videos = new Videos();
  const ink = inks();
  const picture = pictureTrack(canvas);
  let boxes: Box[] = [];
  let frame = 0;
  const draw = () => {
    if (frame++ % SCENE_FRAMES === 0) {
      boxes = what === 'everybody' ? everybody(meeting.tiles.value) : onStage(meeting.tiles.value);
      videos.play(new Set(boxes.flatMap(({ tile }) => tile.video ?? [])));
      mixer.hear(heardIn(meeting));
      meeting.recording.take(sizes(boxes));
    }
    paintScene(paint, boxes, (stream) => videos.of(stream), ink.of);
    picture.push();
  };
  draw();
  const ticker = new Worker(new URL('./ticker.ts', import.meta.url), { type: 'module' });
  ticker.onmessage = () => {
    const began = performance.now();
    draw();
    ticker.postMessage(Math.max(IDLE_MS, FRAME_MS - (performance.now() - began)));
  };
  ticker.postMessage(FRAME_MS);
  return {
    tape: tapeOf(new MediaStream([picture.track, mixer.track])),
    close() {
      ticker.terminate();
      picture.close();
      mixer.close();
      videos.play(new Set());
      ink.close();
    },
  };
}

function tapeOf(stream: MediaStream): Tape {
  const mimeType = format()?.record ?? '';
  return new MediaRecorder(stream, {
    mimeType,
    videoBitsPerSecond: VIDEO_BITS,
    audioBitsPerSecond: AUDIO_BITS,
  }) as unknown as Tape; // of its events only what Tape names is looked at
}

/** Tiles as they stand on the stage now; what lies over it, like a panel with the chat, is not in the picture. */
function onStage(tiles: readonly TileView[]): Box[] {
  const stage = document.querySelector('.call-stage');
  if (!stage) return [];
  const seen = [...stage.querySelectorAll<HTMLElement>('figure[data-device]')].flatMap((figure) => {
    const { user, device, kind } = figure.dataset;
    const tile = tiles.find((t) => t.user === user && t.device === device && t.kind === kind);
    return tile ? [{ tile, place: figure.getBoundingClientRect() }] : [];
  });
  return asSeen(stage.getBoundingClientRect(), seen);
}

function sizes(boxes: readonly Box[]): Map<string, Size> {
  return new Map(
    boxes.flatMap(({ tile, width, height }) => (tile.self ? [] : [[tile.key, { width, height }] as const])),
  );
}

/** The page's colours as a canvas takes them, of the dark theme whatever the page's is now. */
function inks() {
  const probe = document.createElement('span');
  probe.style.colorScheme = 'dark';
  probe.hidden = true;
  document.body.append(probe);
  const known = new Map<string, string>();
  return {
    of(token: string): string {
      const before = known.get(token);
      if (before !== undefined) return before;
      probe.style.color = `var(${token})`;
      const colour = getComputedStyle(probe).color;
      known.set(token, colour);
      return colour;
    },
    close: () => probe.remove(),
  };
}
