/** What a moderator wants of one, and what one's role or room means, above the stage for as long as it holds. */
import type { Meeting } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { text, textCount } from '../strings/text.ts';
import { echoes } from './persons.ts';

interface ModerationToldProps {
  meeting: Meeting;
  peopleOpen: boolean;
  onPeople: () => void;
}

export function ModerationTold({ meeting, peopleOpen, onPeople }: ModerationToldProps) {
  const { moderation, breakouts } = meeting;
  const knocks = moderation.knocks.value;
  const invitation = breakouts.invitation.value;
  return (
    <>
      {knocks.length > 0 && !peopleOpen && (
        <div class="told">
          <span>
            {textCount('moderation.at_door', knocks.length, { name: knocks[0]?.name ?? text('tile.unknown') })}
          </span>
          <Button onClick={onPeople}>{text('moderation.at_door.show')}</Button>
        </div>
      )}
      {invitation && (
        <div class="told">
          <span>{text('breakouts.invited', { by: invitation.by, name: invitation.name })}</span>
          <Button weight="primary" onClick={() => breakouts.accept()}>
            {text('breakouts.go')}
          </Button>
          <Button onClick={() => breakouts.decline()}>{text('breakouts.stay')}</Button>
        </div>
      )}
      {breakouts.main && (
        <div class="told">
          <span>{text('breakouts.here', { name: breakouts.main.name })}</span>
          <Button icon="back" onClick={() => breakouts.back()}>
            {text('breakouts.back')}
          </Button>
        </div>
      )}
      {moderation.role.value === 'viewer' && <p class="told">{text('moderation.viewing')}</p>}
      {echoes(meeting.tiles.value) && <p class="told">{text('moderation.echo')}</p>}
    </>
  );
}
