/** The videos that a recording draws, each playing unseen. */

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
