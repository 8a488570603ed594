/** The seven emoji, large and by name, for two people to read to each other; numbers for those to whom pictures say nothing. */
import type { VerificationView } from '../../call/view.ts';
import { Button } from '../controls/button.tsx';
import { text } from '../strings/text.ts';
import { emojiAt } from './emoji.ts';

interface CompareProps {
  verification: VerificationView;
  onMatch: () => void;
  onMismatch: () => void;
}

export function Compare({ verification: { name, emoji, decimal }, onMatch, onMismatch }: CompareProps) {
  return (
    <>
      <p class="verify-strong">{text('verify.compare', { name })}</p>
      <ol class="emoji" aria-label={text('verify.emoji')}>
        {emoji.map(emojiAt).map(({ picture, name: word }, place) => (
          <li key={`${place} ${word}`}>
            <span class="emoji-picture" aria-hidden="true">
              {picture}
            </span>
            <span class="emoji-name">{word}</span>
          </li>
        ))}
      </ol>
      {decimal.length > 0 && (
        <p>
          <span class="muted small">{text('verify.decimal')}</span>
          <br />
          <span class="verify-numbers">{decimal.join(' ')}</span>
        </p>
      )}
      <p class="muted small">{text('verify.advice')}</p>
      <div class="verify-actions">
        <Button weight="primary" onClick={onMatch}>
          {text('verify.match')}
        </Button>
        <Button onClick={onMismatch}>{text('verify.mismatch')}</Button>
      </div>
    </>
  );
}
