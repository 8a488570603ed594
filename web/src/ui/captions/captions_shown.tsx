/** What is being said, over the foot of the stage. Not read out by itself: who hears needs no captions. */
import type { CaptionsView } from '../../call/view.ts';
import { text } from '../strings/text.ts';
import './captions.css';

export function CaptionsShown({ captions }: { captions: CaptionsView }) {
  if (!captions.on.value) return null;
  return (
    <ul class="captions" aria-label={text('captions.title')}>
      {captions.shown.value.map((line) => (
        <li key={line.key}>
          <span class="caption-name">{line.self ? text('chat.self') : line.name || text('tile.participant')}</span>
          {line.text}
        </li>
      ))}
    </ul>
  );
}
