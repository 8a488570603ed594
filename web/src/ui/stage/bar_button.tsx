/** A button of the bar: opens something. Its name stays; how much is new in there is told beside it. */
import { useId } from 'preact/hooks';
import { Icon, type IconName } from '../icons.tsx';

interface BarButtonProps {
  icon: IconName;
  label: string;
  expanded: boolean;
  controls: string;
  shortcut?: string;
  /** Shown on the button, and in words to those who do not see it. */
  badge?: { shown: string; words: string } | undefined;
  onClick: () => void;
}

export function BarButton({ icon, label, expanded, controls, shortcut, badge, onClick }: BarButtonProps) {
  const id = useId();
  return (
    <span class="bar-slot">
      <button
        type="button"
        class={expanded ? 'button bar-button bar-button-open' : 'button bar-button'}
        aria-expanded={expanded}
        aria-controls={controls}
        aria-keyshortcuts={shortcut}
        aria-describedby={badge ? id : undefined}
        onClick={onClick}
      >
        <Icon name={icon} />
        <span class="bar-word">{label}</span>
      </button>
      {badge && (
        <span class="bar-badge" aria-hidden="true">
          {badge.shown}
        </span>
      )}
      <span id={id} class="hidden-visually" aria-live="polite">
        {badge?.words}
      </span>
    </span>
  );
}
