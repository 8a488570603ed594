/** A moderator ended the meeting, or its time is over: there is nothing to come back to. */
import type { ComponentChildren } from 'preact';
import { Button } from '../controls/button.tsx';
import { text } from '../strings/text.ts';

interface EndedProps {
  timeOver: boolean;
  /** What became of one's recording. */
  recorded: ComponentChildren;
  onNew: () => void;
}

export function Ended({ timeOver, recorded, onNew }: EndedProps) {
  return (
    <main class="notice-page">
      <h1>{text('ended.title')}</h1>
      <p>{text(timeOver ? 'ended.time_over' : 'ended.text')}</p>
      {recorded}
      <div class="notice-actions">
        <Button onClick={onNew}>{text('left.home')}</Button>
      </div>
    </main>
  );
}
