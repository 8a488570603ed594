/** Somebody in the list: the name, what their devices do, how their keys are, and behind one button what one can do. */
import { useId, useState } from 'preact/hooks';
import { healthy, type Meeting, type Role, type TileView } from '../../call/view.ts';
import { Icon } from '../icons.tsx';
import { text } from '../strings/text.ts';
import { handPlace } from './order.ts';
import { PersonActions } from './person_actions.tsx';
import { looks, wordsOf } from './states.ts';

interface PersonRowProps {
  meeting: Meeting;
  tile: TileView;
  name: string;
  /** Another device of the one above. */
  other?: boolean;
  onScan: (tile: TileView) => void;
}

export function PersonRow({ meeting, tile, name, other = false, onScan }: PersonRowProps) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const loud = looks[wordsOf(tile)].tone === 'warn';
  return (
    <li class="person" data-user={tile.user} data-device={tile.device} data-state={tile.state}>
      <div class="person-line">
        <div class="person-who">
          <p class="person-name">
            {other ? text('person.other_device', { name }) : tile.self ? text('tile.self', { name }) : name}
          </p>
          <PersonRole role={meeting.moderation.roleOf(tile)} />
          {!loud && <PersonState tile={tile} />}
        </div>
        <PersonDevices tile={tile} place={handPlace(meeting.tiles.value, tile)} />
        {!tile.self && (
          <button
            type="button"
            class="round"
            aria-label={text('people.actions', { name })}
            aria-expanded={open}
            aria-controls={id}
            onClick={() => setOpen(!open)}
          >
            <Icon name="more" />
          </button>
        )}
      </div>
      {loud && <PersonState tile={tile} />}
      {open && (
        <div id={id}>
          <PersonActions meeting={meeting} tile={tile} name={name} onScan={() => onScan(tile)} />
        </div>
      )}
    </li>
  );
}

/** Said of those who may do more, or less, than anybody here. */
function PersonRole({ role }: { role: Role }) {
  return role === 'participant' ? null : <p class="muted small">{text(`role.${role}`)}</p>;
}

/** In words always; the hint too where one has to do something. */
export function PersonState({ tile }: { tile: TileView }) {
  const state = wordsOf(tile);
  const { icon, tone } = looks[state];
  const quiet = tile.self && tone !== 'warn';
  if (quiet) return null;
  return (
    <div class={`person-state person-${tone} small`}>
      <Icon name={icon} small />
      <div>
        <p>{text(`state.${state}`)}</p>
        {tone === 'warn' && <p class="person-hint">{text(`state.${state}.hint`)}</p>}
      </div>
    </div>
  );
}

function PersonDevices({ tile, place }: { tile: TileView; place: number }) {
  if (!healthy(tile.state)) return null;
  return (
    <p class="person-devices">
      {tile.hand > 0 && (
        <span class="person-hand">
          <Icon name="hand" small />
          {place > 0 && <span aria-hidden="true">{place}</span>}
          <span class="hidden-visually">{place > 0 ? text('people.hand.place', { place }) : text('people.hand')}</span>
        </span>
      )}
      <Icon name={tile.mic ? 'mic' : 'micOff'} small />
      <span class="hidden-visually">{text(tile.mic ? 'people.mic_on' : 'tile.mic_off')}</span>
      <Icon name={tile.camera ? 'camera' : 'cameraOff'} small />
      <span class="hidden-visually">{text(tile.camera ? 'people.camera_on' : 'tile.camera_off')}</span>
    </p>
  );
}
