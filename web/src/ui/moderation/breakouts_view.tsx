/** Breakout rooms: who goes where, and once they are open, a way in for the moderator and the way back for all. */
import { useState } from 'preact/hooks';
import type { Meeting, PersonRef } from '../../call/view.ts';
import { MOST_ROOMS } from '../../call/view.ts';
import { Action } from '../controls/action.tsx';
import { Button } from '../controls/button.tsx';
import { Choice } from '../controls/choice.tsx';
import { inOrder } from '../people/order.ts';
import { personName } from '../stage/tile_name.ts';
import { text } from '../strings/text.ts';
import { Opened } from './breakouts_opened.tsx';
import { adapted, STAYS, sharedOut } from './groups.ts';
import './moderation.css';

export function BreakoutsView({ meeting, onBack }: { meeting: Meeting; onBack: () => void }) {
  const { breakouts } = meeting;
  return (
    <>
      {breakouts.rooms.value.length > 0 ? <Opened meeting={meeting} /> : <Plan meeting={meeting} />}
      <Action icon="back" name={text('breakouts.back_to_list')} onClick={onBack} />
    </>
  );
}

function Plan({ meeting }: { meeting: Meeting }) {
  const people = inOrder(meeting.tiles.value).filter((tile) => !tile.self);
  const keys = people.map(({ key }) => key);
  const [count, setCount] = useState(2);
  const [chosen, choose] = useState(() => sharedOut(keys, 2));
  const [busy, setBusy] = useState(false);
  const places = adapted(chosen, keys, count);
  const numbers = Array.from({ length: count }, (_, index) => index);

  function open() {
    const refs = (room: number): PersonRef[] =>
      people.filter(({ key }) => places.get(key) === room).map(({ user, device }) => ({ user, device }));
    setBusy(true);
    meeting.breakouts.open(numbers.map(refs)).finally(() => setBusy(false));
  }

  return (
    <>
      <p class="muted">{text('breakouts.explained')}</p>
      <Choice
        label={text('breakouts.count')}
        options={Array.from({ length: MOST_ROOMS - 1 }, (_, index) => `${index + 2}`).map((value) => ({
          value,
          label: value,
        }))}
        value={`${count}`}
        onChange={(value) => {
          setCount(Number(value));
          choose(sharedOut(keys, Number(value)));
        }}
      />
      {people.length === 0 && <p class="muted">{text('breakouts.nobody')}</p>}
      {people.map((tile) => (
        <Choice
          key={tile.key}
          label={personName(tile)}
          options={[
            { value: `${STAYS}`, label: text('breakouts.stays') },
            ...numbers.map((room) => ({ value: `${room}`, label: text('breakouts.room', { name: room + 1 }) })),
          ]}
          value={`${places.get(tile.key) ?? STAYS}`}
          onChange={(value) => choose(new Map(places).set(tile.key, Number(value)))}
        />
      ))}
      <Button weight="primary" wide busy={busy} disabled={people.length === 0} onClick={open}>
        {text('breakouts.open')}
      </Button>
    </>
  );
}
