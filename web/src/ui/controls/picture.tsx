/** A video element for a stream. Always muted: sound has its own elements, so that a picture never stops a voice. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import './picture.css';

interface PictureProps {
  stream: MediaStream;
  /** Only one's own camera, for people know themselves from the mirror. */
  mirrored?: boolean;
  fit?: 'cover' | 'contain';
  label?: string;
}

export function Picture({ stream, mirrored = false, fit = 'cover', label }: PictureProps) {
  const video = useRef<HTMLVideoElement>(null);

  useLayoutEffect(() => {
    const element = video.current;
    if (!element) return;
    element.srcObject = stream;
    // A muted video may always play; it is refused only when it left the page meanwhile.
    element.play().catch(() => {});
    return () => {
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
      aria-label={label}
      aria-hidden={label ? undefined : true}
    />
  );
}
