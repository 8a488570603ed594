// A track of the pictures that are drawn on a canvas.

/** Chromium's way to make a track of pictures, which goes on while the page lies behind another: a canvas's own does not. */
interface Generator extends MediaStreamTrack {
  readonly writable: WritableStream<VideoFrame>;
}
declare global {
  var MediaStreamTrackGenerator: (new (options: { kind: 'video' }) => Generator) | undefined;
}

export interface PictureTrack {
  track: MediaStreamTrack;
  /** The canvas is drawn. */
  push(): void;
  close(): void;
}

export function pictureTrack(canvas: HTMLCanvasElement): PictureTrack {
  if (globalThis.MediaStreamTrackGenerator && globalThis.VideoFrame) {
    const track = new globalThis.MediaStreamTrackGenerator({ kind: 'video' });
    const writer = track.writable.getWriter();
    const stop = track.stop.bind(track);
    return {
      track,
      push() {
        if ((writer.desiredSize ?? 0) <= 0) return; // the encoder is behind: this picture is left out
        const frame = new VideoFrame(canvas, { timestamp: Math.round(performance.now() * 1000) });
        writer.write(frame).catch(() => frame.close());
      },
      close() {
        stop(); // first: otherwise the track says that it was lost
        writer.close().catch(() => {});
      },
    };
  }
  const [track] = canvas.captureStream().getVideoTracks();
  if (!track) throw new Error('a canvas has a track');
  return { track, push() {}, close: track.stop.bind(track) };
}
