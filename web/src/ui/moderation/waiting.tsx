/** At the door: somebody inside has to open. */
import type { Meeting } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { text } from '../strings/text.ts';

export function Waiting({ meeting }: { meeting: Meeting }) {
  return (
    <main class="notice-page">
      <h1>{meeting.slug}</h1>
      <p role="status">{text('moderation.waiting')}</p>
      <p class="muted">{text('moderation.waiting.text')}</p>
      <div class="notice-actions">
        <Button onClick={() => meeting.leave()}>{text('moderation.waiting.leave')}</Button>
      </div>
    </main>
  );
}
