/** When the meeting cannot go on: what happened, what to do. */
import type { ComponentChildren } from 'preact';
import type { Problem } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { problemWords } from '../strings/problem.ts';
import { text } from '../strings/text.ts';

interface FailedProps {
  problem: Problem | null;
  /** What became of one's recording. */
  recorded: ComponentChildren;
  onAgain: () => void;
  onHome: () => void;
}

export function Failed({ problem, recorded, onAgain, onHome }: FailedProps) {
  const { message, hint } = problemWords(problem ?? { code: 'unknown', message: '' });
  return (
    <main class="notice-page">
      <h1>{text('failed.title')}</h1>
      <p role="alert">{message}</p>
      {hint && <p>{hint}</p>}
      {recorded}
      <div class="notice-actions">
        <Button weight="primary" onClick={onAgain}>
          {text('failed.again')}
        </Button>
        <Button onClick={onHome}>{text('failed.home')}</Button>
      </div>
    </main>
  );
}
