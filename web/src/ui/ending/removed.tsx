/** Somebody in the meeting took us out: said plainly, without a way to try again that leads nowhere. */
import type { ComponentChildren } from 'preact';
import { Button } from '../controls/button.tsx';
import { text } from '../strings/text.ts';

export function Removed({ recorded, onNew }: { recorded: ComponentChildren; onNew: () => void }) {
  return (
    <main class="notice-page">
      <h1>{text('removed.title')}</h1>
      <p role="alert">{text('removed.text')}</p>
      {recorded}
      <div class="notice-actions">
        <Button onClick={onNew}>{text('left.home')}</Button>
      </div>
    </main>
  );
}
