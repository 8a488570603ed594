/**
 * One tile: a picture or initials, a name, and words when its encryption is not as it should be. The figure's accessible
 * name and its data attributes are a contract with tests.
 */
import { healthy, type TileState, type TileView } from '../../call/view.ts';
import { Picture } from '../controls/picture.tsx';
import { Icon, type IconName } from '../icons.tsx';
import { text } from '../strings/text.ts';
import { avatarGround, initials } from './initials.ts';
import './tile.css';

const stateIcons: Record<Exclude<TileState, 'new'>, IconName> = {
  waiting_for_key: 'key',
  known: 'lock',
  verified: 'lock',
  changed_key: 'lockAlert',
  outside_key: 'lock',
  blocked: 'lock',
  cannot_decrypt: 'lockAlert',
  wrong_secret: 'lockAlert',
  refused: 'lockAlert',
  no_transform: 'lockAlert',
  engine_failed: 'lockAlert',
};

/** The name somebody goes by here: what they call themselves, else a word that does not pretend to know. */
export function personName(tile: TileView): string {
  return tile.name || text(tile.state === 'wrong_secret' ? 'tile.unknown' : 'tile.participant');
}

export function tileName(tile: TileView): string {
  const name = personName(tile);
  if (tile.kind === 'screen') return text('tile.screen', { name });
  return tile.self ? text('tile.self', { name }) : name;
}

export function Tile({ tile, onRatio }: { tile: TileView; onRatio?: (ratio: number) => void }) {
  const name = tileName(tile);
  const ownScreen = tile.kind === 'screen' && tile.self;
  const video = healthy(tile.state) && (tile.kind === 'screen' || tile.camera) ? tile.video : null;
  return (
    <figure
      class={`tile tile-${tile.kind}`}
      aria-label={name}
      data-state={tile.state}
      data-user={tile.user}
      data-device={tile.device}
      data-kind={tile.kind}
    >
      {video && (
        <Picture
          stream={video}
          mirrored={tile.self && tile.kind === 'camera'}
          fit={tile.kind === 'screen' ? 'contain' : 'cover'}
          onRatio={onRatio}
        />
      )}
      {!video && (healthy(tile.state) ? <Avatar tile={tile} /> : <TileWords state={tile.state} self={tile.self} />)}
      <figcaption class="tile-caption">
        {tile.kind === 'camera' && healthy(tile.state) && !tile.mic && (
          <>
            <Icon name="micOff" small />
            <span class="hidden-visually">{text('tile.mic_off')}</span>
          </>
        )}
        {ownScreen && <Icon name="screen" small />}
        <span class="tile-name">{ownScreen ? text('tile.own_screen') : name}</span>
      </figcaption>
    </figure>
  );
}

function Avatar({ tile }: { tile: TileView }) {
  const ground = avatarGround(tile.user + tile.device);
  return (
    <div class="tile-empty" aria-hidden="true">
      <span class={`avatar avatar-${ground}`}>{initials(personName(tile))}</span>
    </div>
  );
}

function TileWords({ state, self }: { state: TileState; self: boolean }) {
  if (state === 'new') return null;
  const calm = state === 'waiting_for_key';
  // A broken engine stops one's own media from going out, and that of others from being opened.
  const words = state === 'engine_failed' && !self ? 'cannot_decrypt' : state;
  return (
    <div class={calm ? 'tile-state' : 'tile-state tile-state-wrong'}>
      <Icon name={stateIcons[state]} />
      <p class="tile-state-words">{text(`state.${words}`)}</p>
      <p class="tile-state-hint">{text(`state.${state}.hint`)}</p>
    </div>
  );
}
