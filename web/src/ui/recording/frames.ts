/** The videos that a recording draws, each playing unseen; and the track that takes the drawn pictures. */

export class Videos {
  private readonly all = new Map<MediaStream, HTMLVideoElement>();

  /** Plays these and no others. */
  play(streams: ReadonlySet<MediaStream>): void {
    for (const [stream, video] of this.all) {
      if (streams.has(stream)) continue;
      video.srcObject = null;
      this.all.delete(stream);
    }
    for (const stream of streams) {
      if (this.all.has(stream)) continue;
      const video = document.createElement('video');
      video.muted = true;
      video.playsInline = true;
      video.srcObject = stream;
      video.play().catch(() => {}); // muted, it may; it is refused only when it is stopped meanwhile
      this.all.set(stream, video);
    }
  }

  of(stream: MediaStream): HTMLVideoElement | null {
    const video = this.all.get(stream);
    return video && video.videoWidth > 0 ? video : null;
  }
}

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
    return {
      track,
      push() {
        if ((writer.desiredSize ?? 0) <= 0) return; // the encoder is behind: this picture is left out
        const frame = new VideoFrame(canvas, { timestamp: Math.round(performance.now() * 1000) });
        writer.write(frame).catch(() => frame.close());
      },
      close() {
        writer.close().catch(() => {}); // the track has ended already
        track.stop();
      },
    };
  }
  const [track] = canvas.captureStream().getVideoTracks();
  if (!track) throw new Error('a canvas has a track');
  return { track, push() {}, close: () => track.stop() };
}
