/** Everybody's sound in one track, one's own too; silence where nobody speaks, so that the track never ends. */

export class Mixer {
  private readonly context = new AudioContext();
  private readonly out = this.context.createMediaStreamDestination();
  private readonly sources = new Map<MediaStream, MediaStreamAudioSourceNode>();

  get track(): MediaStreamTrack {
    const [track] = this.out.stream.getAudioTracks();
    if (!track) throw new Error('an audio destination has a track');
    return track;
  }

  /** Begins to play into nothing: a context made without a click would stand still. */
  start(): Promise<void> {
    return this.context.resume();
  }

  /** Mixes these and no others. */
  hear(streams: readonly MediaStream[]): void {
    const now = new Set(streams.filter((stream) => stream.getAudioTracks().length > 0));
    for (const [stream, source] of this.sources) {
      if (now.has(stream)) continue;
      source.disconnect();
      this.sources.delete(stream);
    }
    for (const stream of now) {
      if (this.sources.has(stream)) continue;
      const source = this.context.createMediaStreamSource(stream);
      source.connect(this.out);
      this.sources.set(stream, source);
    }
  }

  close(): void {
    this.hear([]);
    this.context.close().catch(() => {}); // closed already
  }
}
