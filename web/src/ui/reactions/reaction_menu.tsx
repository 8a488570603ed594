/** The button for reactions and the row it opens above itself; one choice closes it, and so do Escape and a press elsewhere. */
import { useEffect, useRef } from 'preact/hooks';
import { BarButton } from '../stage/bar_button.tsx';
import { text } from '../strings/text.ts';
import { REACTIONS } from './emoji.ts';
import './reactions.css';

interface ReactionMenuProps {
  open: boolean;
  onOpen: (open: boolean) => void;
  onReact: (emoji: string) => void;
}

export function ReactionMenu({ open, onOpen, onReact }: ReactionMenuProps) {
  const box = useRef<HTMLDivElement>(null);
  const close = () => {
    onOpen(false);
    box.current?.querySelector('button')?.focus();
  };
  useEffect(() => {
    if (!open) return;
    box.current?.querySelector<HTMLButtonElement>('.reaction')?.focus();
    const elsewhere = (event: Event) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) onOpen(false);
    };
    // Before the call's own keys, for a panel beside it stays.
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      close();
    };
    addEventListener('pointerdown', elsewhere);
    addEventListener('keydown', onKey, { capture: true });
    return () => {
      removeEventListener('pointerdown', elsewhere);
      removeEventListener('keydown', onKey, { capture: true });
    };
  }, [open]);
  return (
    <div ref={box} class="reactions">
      <BarButton
        icon="smile"
        label={text('reactions.button')}
        expanded={open}
        controls="reactions"
        onClick={() => onOpen(!open)}
      />
      {open && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is a part of a form, and this is none
        <div id="reactions" class="reactions-row" role="group" aria-label={text('reactions.button')}>
          {[...REACTIONS].map(([emoji, name]) => (
            <button
              key={emoji}
              type="button"
              class="round reaction"
              aria-label={text(name)}
              onClick={() => {
                onReact(emoji);
                close();
              }}
            >
              <span aria-hidden="true">{emoji}</span>
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
