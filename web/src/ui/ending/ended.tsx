/** A moderator ended the meeting: there is nothing to come back to. */
import type { ComponentChildren } from 'preact';
import { Button } from '../controls/button.tsx';
import { text } from '../strings/text.ts';

export function Ended({ recorded, onNew }: { recorded: ComponentChildren; onNew: () => void }) {
  return (
    <main class="notice-page">
      <h1>{text('ended.title')}</h1>
      <p>{text('ended.text')}</p>
      {recorded}
      <div class="notice-actions">
        <Button onClick={onNew}>{text('left.home')}</Button>
      </div>
    </main>
  );
}
