/** A video element for a stream. Always muted: sound has its own elements, so that a picture never stops a voice. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { inTurn } from './in_turn.ts';
import './picture.css';

interface PictureProps {
  stream: MediaStream;
  /** Only one's own camera, for people know themselves from the mirror. */
  mirrored?: boolean;
  fit?: 'cover' | 'contain';
  label?: string;
  /** Told whenever the picture's shape is known or changes. */
  onRatio?: ((ratio: number) => void) | undefined;
}

export function Picture({ stream, mirrored = false, fit = 'cover', label, onRatio }: PictureProps) {
  const video = useRef<HTMLVideoElement>(null);

  useLayoutEffect(() => {
    const element = video.current;
    if (!element) return;
    const forget = inTurn(() => {
      element.srcObject = stream;
      // A muted video may always play; it is refused only when it left the page meanwhile.
      element.play().catch(() => {});
    });
    return () => {
      forget();
      element.srcObject = null;
    };
  }, [stream]);

  return (
    <video
      ref={video}
      class={`picture picture-${fit}${mirrored ? ' picture-mirrored' : ''}`}
      autoPlay
      playsInline
      muted
      onResize={(event) => {
        const { videoWidth, videoHeight } = event.currentTarget;
        if (videoWidth > 0 && videoHeight > 0) onRatio?.(videoWidth / videoHeight);
      }}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    />
  );
}
