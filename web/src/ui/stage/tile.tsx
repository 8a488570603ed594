/**
 * One tile: a picture or initials, a name, and words when its encryption is not as it should be. The figure's accessible
 * name and its data attributes are a contract with tests.
 */
import { useRef } from 'preact/hooks';
import { healthy, type ReactionView, type TileView, type VideoCodec } from '../../call/view.ts';
import { Picture } from '../controls/picture.tsx';
import { Icon, type IconName } from '../icons.tsx';
import { looks, wordsOf } from '../people/states.ts';
import { Floating } from '../reactions/floating.tsx';
import { text } from '../strings/text.ts';
import { avatarGround, initials } from './initials.ts';
import { type Seen, useSeen } from './use_seen.ts';
import './tile.css';

/** The name somebody goes by here: what they call themselves, else a word that does not pretend to know. */
export function personName(tile: TileView): string {
  return tile.name || text(tile.state === 'wrong_secret' ? 'tile.unknown' : 'tile.participant');
}

export function tileName(tile: TileView): string {
  const name = personName(tile);
  if (tile.kind === 'screen') return text('tile.screen', { name });
  return tile.self ? text('tile.self', { name }) : name;
}

interface TileProps {
  tile: TileView;
  reactions: ReactionView[];
  onSeen: Seen;
  onRatio?: (ratio: number) => void;
}

export function Tile({ tile, reactions, onSeen, onRatio }: TileProps) {
  const figure = useRef<HTMLElement>(null);
  useSeen(figure, tile.key, onSeen);
  const name = tileName(tile);
  const opens = healthy(tile.state);
  const on = opens && (tile.kind === 'screen' || tile.camera);
  // A picture that stands still would pretend to be one of now; of one that cannot be played there is nothing.
  const missing = on ? missingPicture(tile) : null;
  const video = on && !missing ? tile.video : null;
  return (
    <figure
      ref={figure}
      class={`tile tile-${tile.kind}${opens && tile.speaking ? ' tile-speaking' : ''}`}
      aria-label={name}
      data-state={tile.state}
      data-user={tile.user}
      data-device={tile.device}
      data-kind={tile.kind}
      data-speaking={opens && tile.speaking ? '' : undefined}
    >
      {video && (
        <Picture
          stream={video}
          mirrored={tile.self && tile.kind === 'camera'}
          fit={tile.kind === 'screen' ? 'contain' : 'cover'}
          onRatio={onRatio}
        />
      )}
      {!video && (opens ? <Empty tile={tile} /> : <TileWords tile={tile} />)}
      {tile.state === 'changed_key' && (
        <p class="tile-warning">
          <Icon name="alert" small />
          <span>{text('state.changed_key')}</span>
        </p>
      )}
      {missing && tile.kind === 'camera' && (
        <p class="tile-note">
          <Icon name={missing.icon} small />
          <span>{missing.words}</span>
        </p>
      )}
      <Floating reactions={reactions} />
      <figcaption class="tile-caption">
        <Marks tile={tile} />
        <span class="tile-name">{tile.kind === 'screen' && tile.self ? text('tile.own_screen') : name}</span>
      </figcaption>
    </figure>
  );
}

/** Small signs before the name, each with its word for those who do not see it. */
function Marks({ tile }: { tile: TileView }) {
  if (tile.kind === 'screen') return tile.self ? <Icon name="screen" small /> : null;
  if (!healthy(tile.state)) return null;
  return (
    <>
      {tile.hand > 0 && <Mark icon="hand" word={text('people.hand')} />}
      {!tile.mic && <Mark icon="micOff" word={text('tile.mic_off')} />}
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

/** Why there is no picture of what is sent to us, or null. */
function missingPicture({ unplayable, paused }: TileView): { icon: IconName; words: string; hint: string } | null {
  if (unplayable) {
    const codec = codecNames[unplayable];
    return { icon: 'cameraOff', words: text('tile.unplayable'), hint: text('tile.unplayable.hint', { codec }) };
  }
  return paused ? { icon: 'pause', words: text('tile.paused'), hint: text('tile.paused.hint') } : null;
}

const codecNames: Record<VideoCodec, string> = { vp8: 'VP8', vp9: 'VP9', av1: 'AV1', h264: 'H.264' };

/** In the place of a picture. */
function Empty({ tile }: { tile: TileView }) {
  const missing = missingPicture(tile);
  if (tile.kind === 'screen') {
    return (
      missing && (
        <div class="tile-state">
          <Icon name={missing.icon} />
          <p class="tile-state-words">{missing.words}</p>
          <p class="tile-state-hint">{missing.hint}</p>
        </div>
      )
    );
  }
  const ground = avatarGround(tile.user + tile.device);
  return (
    <div class="tile-empty" aria-hidden="true">
      <span class={`avatar avatar-${ground}`}>{initials(personName(tile))}</span>
    </div>
  );
}

function TileWords({ tile }: { tile: TileView }) {
  const { icon, tone } = looks[tile.state];
  return (
    <div class={tone === 'warn' ? 'tile-state tile-state-wrong' : 'tile-state'}>
      <Icon name={icon} />
      <p class="tile-state-words">{text(`state.${wordsOf(tile)}`)}</p>
      <p class="tile-state-hint">{text(`state.${tile.state}.hint`)}</p>
    </div>
  );
}
