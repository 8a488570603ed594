/** Who waits to be let in, for those who can open. */
import type { ModerationView } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { text } from '../strings/text.ts';
import './moderation.css';

export function Knocks({ moderation }: { moderation: ModerationView }) {
  const knocks = moderation.knocks.value;
  if (knocks.length === 0) return null;
  return (
    <section class="knocks">
      <h3>{text('moderation.knocks')}</h3>
      <ul>
        {knocks.map(({ id, name }) => {
          const called = name ?? text('tile.unknown');
          return (
            <li key={id} class="knock">
              <p class="person-name">{called}</p>
              {name === null && <p class="small muted">{text('moderation.knock.stranger')}</p>}
              <div class="knock-actions">
                <Button
                  weight={name === null ? 'quiet' : 'primary'}
                  label={text('moderation.admit.label', { name: called })}
                  onClick={() => moderation.admit(id, true)}
                >
                  {text('moderation.admit')}
                </Button>
                <Button
                  label={text('moderation.refuse.label', { name: called })}
                  onClick={() => moderation.admit(id, false)}
                >
                  {text('moderation.refuse')}
                </Button>
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
