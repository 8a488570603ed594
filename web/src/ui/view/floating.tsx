/**
 * Windows that stay above other programs. Where the browser has them for any content, one follows whoever speaks; the
 * picture of one tile can be lifted out by itself in more browsers. (Firefox offers that on every picture, unasked.)
 */
import { effect } from '@preact/signals';
import { render } from 'preact';
import { healthy, type Meeting, type TileView } from '../../call/view.ts';
import { FloatingView } from './floating_view.tsx';
import { tileElement } from './full_screen.ts';

interface DocumentWindows {
  readonly window: Window | null;
  requestWindow(options: { width: number; height: number }): Promise<Window>;
}

const SIZE = { width: 384, height: 264 };

export function canFloat(): boolean {
  return windows() !== undefined;
}

/** Opens the window that follows whoever speaks, or closes it. It closes by itself when the call is over. */
export async function float(meeting: Meeting): Promise<void> {
  const api = windows();
  if (!api) return;
  if (api.window) return api.window.close();
  const opened = await api.requestWindow(SIZE).catch(() => null); // refused: then all stays as it is
  if (!opened) return;
  dress(opened.document);
  const root = opened.document.body;
  render(<FloatingView meeting={meeting} />, root);
  const stop = effect(() => {
    const { value } = meeting.phase;
    if (value !== 'in_call' && value !== 'reconnecting') opened.close();
  });
  opened.addEventListener('pagehide', () => {
    stop();
    render(null, root);
    meeting.stage.float(null);
  });
}

/** Whether the picture of this tile can be shown by itself. */
export function canLift({ video, state, self }: TileView): boolean {
  return document.pictureInPictureEnabled && video !== null && healthy(state) && !self;
}

export async function lift(meeting: Meeting, tile: TileView): Promise<void> {
  const video = tileElement(tile.key)?.querySelector('video');
  if (!video) return;
  try {
    await video.requestPictureInPicture();
  } catch {
    return; // there is no picture yet, or the browser does not want to
  }
  meeting.stage.float(tile.key);
  video.addEventListener('leavepictureinpicture', () => meeting.stage.float(null), { once: true });
}

/** The other document looks as this one does. */
function dress(other: Document): void {
  for (const sheet of document.querySelectorAll('link[rel=stylesheet], style')) {
    other.head.append(other.importNode(sheet, true));
  }
  const { lang, dir, dataset } = document.documentElement;
  Object.assign(other.documentElement, { lang, dir });
  if (dataset.theme) other.documentElement.dataset.theme = dataset.theme;
  other.title = document.title;
}

function windows(): DocumentWindows | undefined {
  return (globalThis as { documentPictureInPicture?: DocumentWindows }).documentPictureInPicture;
}
