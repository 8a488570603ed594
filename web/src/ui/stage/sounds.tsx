/** The voices, each in its own element and apart from the tiles, so that no change of layout interrupts anybody. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { type Meeting, type Volume, volumeOf } from '../../call/view.ts';
import { useSink } from '../settings/use_sink.ts';

interface SoundsProps {
  meeting: Meeting;
  /** The browser wants a click before it plays anything. */
  onBlocked: () => void;
  /** Grows when that click came. */
  attempt: number;
}

export function Sounds({ meeting, onBlocked, attempt }: SoundsProps) {
  const volumes = meeting.stage.volumes.value;
  return (
    <>
      {meeting.tiles.value.map(
        (tile) =>
          tile.audio &&
          !tile.self && (
            <Sound
              key={tile.key}
              stream={tile.audio}
              volume={volumeOf(volumes, tile)}
              speaker={meeting.devices.speakerId.value}
              onBlocked={onBlocked}
              attempt={attempt}
            />
          ),
      )}
    </>
  );
}

interface SoundProps extends Omit<SoundsProps, 'meeting'> {
  stream: MediaStream;
  volume: Volume;
  speaker: string;
}

function Sound({ stream, volume: { level, muted }, speaker, onBlocked, attempt }: SoundProps) {
  const audio = useRef<HTMLAudioElement>(null);
  useSink(audio, speaker);

  useLayoutEffect(() => {
    const element = audio.current;
    if (!element) return;
    if (element.srcObject !== stream) element.srcObject = stream;
    element.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') onBlocked();
    });
  }, [stream, attempt]);

  useLayoutEffect(() => {
    if (!audio.current) return;
    audio.current.volume = level;
    audio.current.muted = muted;
  }, [level, muted]);

  // biome-ignore lint/a11y/useMediaCaption: live speech of a call has no caption track
  return <audio ref={audio} autoPlay />;
}
