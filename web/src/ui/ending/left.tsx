/** After leaving: what is off, and the ways on. */
import type { ComponentChildren } from 'preact';
import { Button } from '../controls/button.tsx';
import { text } from '../strings/text.ts';

interface LeftProps {
  /** What became of one's recording. */
  recorded: ComponentChildren;
  onAgain: () => void;
  onNew: () => void;
}

export function Left({ recorded, onAgain, onNew }: LeftProps) {
  return (
    <main class="notice-page">
      <h1>{text('left.title')}</h1>
      <p>{text('left.text')}</p>
      {recorded}
      <div class="notice-actions">
        <Button weight="primary" onClick={onAgain}>
          {text('left.again')}
        </Button>
        <Button onClick={onNew}>{text('left.home')}</Button>
      </div>
    </main>
  );
}
