/** When the meeting cannot go on: what happened, what to do. */
import type { ComponentChildren } from 'preact';
import type { Problem } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { useSignIn } from '../sign_in/sign_in.ts';
import { problemWords } from '../strings/problem.ts';
import { text } from '../strings/text.ts';

/** Refusals that end when one signs in. */
const FOR_THE_KNOWN: readonly string[] = ['token_needed', 'token_expired', 'bad_token'];

interface FailedProps {
  slug: string;
  problem: Problem | null;
  /** What became of one's recording. */
  recorded: ComponentChildren;
  onAgain: () => void;
  onHome: () => void;
  go: (href: string) => void;
}

export function Failed({ slug, problem, recorded, onAgain, onHome, go }: FailedProps) {
  const offered = useSignIn(slug);
  const signIn = FOR_THE_KNOWN.includes(problem?.code ?? '') ? offered : null;
  const { message, hint } = problemWords(problem ?? { code: 'unknown', message: '' });
  return (
    <main class="notice-page">
      <h1>{text('failed.title')}</h1>
      <p role="alert">{message}</p>
      {hint && <p>{hint}</p>}
      {recorded}
      <div class="notice-actions">
        {signIn && (
          <Button weight="primary" onClick={() => go(signIn)}>
            {text('failed.sign_in')}
          </Button>
        )}
        <Button weight={signIn ? 'quiet' : 'primary'} onClick={onAgain}>
          {text('failed.again')}
        </Button>
        <Button onClick={onHome}>{text('failed.home')}</Button>
      </div>
    </main>
  );
}
