/** The voices, each in its own element and apart from the tiles, so that no change of layout interrupts anybody. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { TileView } from '../../call/view.ts';

interface SoundsProps {
  tiles: TileView[];
  /** The browser wants a click before it plays anything. */
  onBlocked: () => void;
  /** Grows when that click came. */
  attempt: number;
}

export function Sounds({ tiles, onBlocked, attempt }: SoundsProps) {
  return (
    <>
      {tiles.map(
        (tile) =>
          tile.audio &&
          !tile.self && <Sound key={tile.key} stream={tile.audio} onBlocked={onBlocked} attempt={attempt} />,
      )}
    </>
  );
}

function Sound({ stream, onBlocked, attempt }: { stream: MediaStream; onBlocked: () => void; attempt: number }) {
  const audio = useRef<HTMLAudioElement>(null);

  useLayoutEffect(() => {
    const element = audio.current;
    if (!element) return;
    if (element.srcObject !== stream) element.srcObject = stream;
    element.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') onBlocked();
    });
  }, [stream, attempt]);

  // biome-ignore lint/a11y/useMediaCaption: live speech of a call has no caption track
  return <audio ref={audio} autoPlay />;
}
