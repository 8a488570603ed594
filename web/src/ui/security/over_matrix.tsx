/** Where a Matrix client carries the keys: who vouches for what, and the Matrix address of everybody here. */
import { matrixUserOf } from '../../call/matrix_user.ts';
import { deviceName, type KeysOverMatrix, type Meeting, type TileView } from '../../call/view.ts';
import { personName } from '../stage/tile_name.ts';
import { text } from '../strings/text.ts';

export function OverMatrix({ meeting }: { meeting: Meeting }) {
  const matrix = meeting.matrix?.value;
  if (!matrix) return null;
  const people = meeting.tiles.value.filter(({ kind, self }) => kind === 'camera' && !self);
  return (
    <section>
      <h3>{text('matrix.title')}</h3>
      <p class="muted">{text('matrix.text', { client: matrix.client })}</p>
      <p class="muted">{text('matrix.limits', { client: matrix.client })}</p>
      {matrix.guests && <p>{text('matrix.guests')}</p>}
      {people.length > 0 && (
        <ul class="people" aria-label={text('matrix.people')}>
          {people.map((tile) => (
            <li key={tile.key} class="person">
              <p class="person-name">{personName(tile)}</p>
              <p class="small matrix-user">{address(tile, matrix)}</p>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** The sender of their keys; until they came what the server says, which it could make up. */
function address(tile: TileView, { checked }: KeysOverMatrix): string {
  const sender = checked.get(deviceName(tile));
  if (sender) return text('matrix.checked', { user: sender });
  const claimed = matrixUserOf(tile.user);
  return claimed ? text('matrix.claimed', { user: claimed }) : text('matrix.outside');
}
