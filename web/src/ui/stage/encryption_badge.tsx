/** The encryption of the room, said once and quietly beside its name; opens what it means. */
import type { EncryptionView } from '../../call/view.ts';
import { Icon } from '../icons.tsx';
import { known, text, textCount } from '../strings/text.ts';
import './encryption.css';

interface BadgeProps {
  encryption: EncryptionView;
  open: boolean;
  onToggle: () => void;
}

export function EncryptionBadge({ encryption, open, onToggle }: BadgeProps) {
  return (
    <div role="status" aria-label={text('encryption.label')} class="encryption" data-state={encryption.state}>
      <button
        type="button"
        class={`encryption-badge encryption-${encryption.state}`}
        aria-expanded={open}
        aria-controls="encryption"
        onClick={onToggle}
      >
        <Icon name={encryption.state === 'ok' ? 'lock' : 'lockAlert'} small />
        <span>{words(encryption)}</span>
      </button>
    </div>
  );
}

/** In few words what the sentence says; where there are none for it, those of the state. */
function words({ state, sentenceKey, count = 1 }: EncryptionView): string {
  const short = sentenceKey.replace('.sentence.', '.');
  if (state === 'attention' && short === 'encryption.attention') return textCount(short, count);
  if (known(short)) return text(short);
  return state === 'attention' ? textCount('encryption.attention', count) : text(`encryption.${state}`);
}
