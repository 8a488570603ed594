/** After leaving: what is off, and the ways on. */
import { Button } from '../controls/button.tsx';
import { text } from '../strings/text.ts';

export function Left({ onAgain, onNew }: { onAgain: () => void; onNew: () => void }) {
  return (
    <main class="notice-page">
      <h1>{text('left.title')}</h1>
      <p>{text('left.text')}</p>
      <div class="notice-actions">
        <Button weight="primary" onClick={onAgain}>
          {text('left.again')}
        </Button>
        <Button onClick={onNew}>{text('left.home')}</Button>
      </div>
    </main>
  );
}
