/** Small signs before the name on a tile, each with its word for those who do not see it. */
import { healthy, type TileView } from '../../call/view.ts';
import { Icon, type IconName } from '../icons.tsx';
import { text } from '../strings/text.ts';

export function Marks({ tile, hushed }: { tile: TileView; hushed: boolean }) {
  const muted = hushed && <Mark icon="soundOff" word={text('tile.hushed')} />;
  if (tile.kind === 'screen') return tile.self ? <Icon name="screen" small /> : muted || null;
  if (!healthy(tile.state)) return null;
  return (
    <>
      {tile.recording && <Mark icon="record" word={text('tile.recording')} />}
      {tile.hand > 0 && <Mark icon="hand" word={text('people.hand')} />}
      {!tile.mic && <Mark icon="micOff" word={text('tile.mic_off')} />}
      {muted}
      {tile.weak && <Mark icon="weak" word={text('tile.weak')} />}
      {tile.state === 'verified' && <Mark icon="shield" word={text('state.verified')} />}
    </>
  );
}

function Mark({ icon, word }: { icon: IconName; word: string }) {
  return (
    <>
      <Icon name={icon} small />
      <span class="hidden-visually">{word}</span>
    </>
  );
}
