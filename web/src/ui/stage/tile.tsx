/**
 * One tile: a picture or initials, a name, and words when its encryption is not as it should be. The figure's accessible
 * name and its data attributes are a contract with tests. One that is as it was is not drawn again.
 */
import { Component } from 'preact';
import { useContext, useRef } from 'preact/hooks';
import { healthy, type ReactionView, type TileView, type VideoCodec } from '../../call/view.ts';
import { Picture } from '../controls/picture.tsx';
import { Icon, type IconName } from '../icons.tsx';
import { looks, wordsOf } from '../people/states.ts';
import { Floating } from '../reactions/floating.tsx';
import { text } from '../strings/text.ts';
import { LookAt } from '../view/look_at.ts';
import { avatarGround, initials } from './initials.ts';
import { Marks } from './marks.tsx';
import { personName, tileName } from './tile_name.ts';
import { type Seen, useSeen } from './use_seen.ts';
import './tile.css';

interface TileProps {
  tile: TileView;
  reactions: ReactionView[];
  /** No pictures are received. */
  soundOnly: boolean;
  /** Muted by oneself, for oneself. */
  hushed: boolean;
  onSeen: Seen;
  onRatio?: ((ratio: number) => void) | undefined;
}

export class Tile extends Component<TileProps> {
  override shouldComponentUpdate(next: TileProps): boolean {
    const now = this.props;
    return (Object.keys(next) as (keyof TileProps)[]).some((name) => next[name] !== now[name]);
  }

  override render() {
    return <Figure {...this.props} />;
  }
}

function Figure({ tile, reactions, soundOnly, hushed, onSeen, onRatio }: TileProps) {
  const figure = useRef<HTMLElement>(null);
  useSeen(figure, tile.key, onSeen);
  const name = tileName(tile);
  const opens = healthy(tile.state);
  const on = opens && (tile.kind === 'screen' || tile.camera);
  // A picture that stands still would pretend to be one of now; of one that cannot be played there is nothing.
  const missing = on ? missingPicture(tile, soundOnly) : null;
  const video = on && !missing && !soundOnly ? tile.video : null;
  return (
    <figure
      ref={figure}
      class={`tile tile-${tile.kind}${opens && tile.speaking ? ' tile-speaking' : ''}`}
      aria-label={name}
      data-state={tile.state}
      data-user={tile.user}
      data-device={tile.device}
      data-kind={tile.kind}
      data-key={tile.key}
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
      {!video && (opens ? <Empty tile={tile} missing={missing} /> : <TileWords tile={tile} />)}
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
        <Marks tile={tile} hushed={hushed} />
        <span class="tile-name">{tile.kind === 'screen' && tile.self ? text('tile.own_screen') : name}</span>
      </figcaption>
      <Options tile={tile.key} name={name} />
    </figure>
  );
}

function Options({ tile, name }: { tile: string; name: string }) {
  const lookAt = useContext(LookAt);
  return (
    <button
      type="button"
      class="round tile-tool"
      aria-label={text('stage.options', { name })}
      onClick={() => lookAt(tile)}
    >
      <Icon name="more" />
    </button>
  );
}

interface Missing {
  icon: IconName;
  words: string;
  hint: string;
}

/** Why there is no picture of what is sent to us, or null. That of a camera is not missed when one chose sound only. */
function missingPicture({ kind, unplayable, paused }: TileView, soundOnly: boolean): Missing | null {
  if (soundOnly) {
    if (kind === 'camera') return null;
    return { icon: 'cameraOff', words: text('tile.sound_only'), hint: text('tile.sound_only.hint') };
  }
  if (unplayable) {
    const codec = codecNames[unplayable];
    return { icon: 'cameraOff', words: text('tile.unplayable'), hint: text('tile.unplayable.hint', { codec }) };
  }
  return paused ? { icon: 'pause', words: text('tile.paused'), hint: text('tile.paused.hint') } : null;
}

const codecNames: Record<VideoCodec, string> = { vp8: 'VP8', vp9: 'VP9', av1: 'AV1', h264: 'H.264' };

/** In the place of a picture. */
function Empty({ tile, missing }: { tile: TileView; missing: Missing | null }) {
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
