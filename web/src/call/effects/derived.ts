// Tracks that are made of the track of a device: its sound without noise, its picture before another background. Whoever
// holds one handles it like the device's own: to stop it stops the device, and it ends when the device does.

interface Origin {
  raw: MediaStreamTrack;
  /** Ends what makes it; the device stays open. */
  release(): void;
}

const origins = new WeakMap<MediaStreamTrack, Origin>();

/** Makes `made`, which comes of `raw`, such a track. `close` is called once, when nobody needs it any more. */
export function derive(raw: MediaStreamTrack, made: MediaStreamTrack, close: () => void): MediaStreamTrack {
  const stop = made.stop.bind(made);
  const settings = made.getSettings.bind(made);
  let open = true;
  const release = () => {
    if (!open) return;
    open = false;
    raw.removeEventListener('ended', lost);
    origins.delete(made);
    close();
    stop();
  };
  const lost = () => {
    release();
    made.dispatchEvent(new Event('ended')); // a track that is stopped by script does not say so by itself
  };
  made.stop = () => {
    release();
    raw.stop();
  };
  made.getSettings = () => {
    const { deviceId } = raw.getSettings();
    return { ...settings(), ...(deviceId === undefined ? {} : { deviceId }) };
  };
  raw.addEventListener('ended', lost);
  origins.set(made, { raw, release });
  return made;
}

/** The device's own track; the track itself where nothing was made of it. */
export function rawOf(track: MediaStreamTrack): MediaStreamTrack {
  return origins.get(track)?.raw ?? track;
}

/** Ends what makes the track, if anything does; the device stays open, for another to be made of it. */
export function release(track: MediaStreamTrack): void {
  origins.get(track)?.release();
}
