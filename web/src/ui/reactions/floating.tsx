/** Reactions on the tile of who sent them, for as long as the meeting shows them; read out once, elsewhere. */
import type { ReactionView } from '../../call/view.ts';
import { text } from '../strings/text.ts';
import { REACTIONS } from './emoji.ts';
import './reactions.css';

/** Of one person at most so many: a held key must not hide a face. */
const SHOWN = 3;

export function Floating({ reactions }: { reactions: ReactionView[] }) {
  const shown = reactions.filter(({ emoji }) => REACTIONS.has(emoji)).slice(-SHOWN);
  if (shown.length === 0) return null;
  return (
    <div class="floating" aria-hidden="true">
      {shown.map(({ id, emoji }) => (
        <span key={id}>{emoji}</span>
      ))}
    </div>
  );
}

export function ReactionsTold({ reactions }: { reactions: ReactionView[] }) {
  return (
    <div class="hidden-visually" aria-live="polite">
      {reactions.map(({ id, name, emoji }) => {
        const word = REACTIONS.get(emoji);
        return word && <p key={id}>{text('reactions.told', { name, reaction: text(word) })}</p>;
      })}
    </div>
  );
}
