/** A box to tick, with a line on what it does. */
import { useId } from 'preact/hooks';
import './check.css';

interface CheckProps {
  label: string;
  hint?: string | undefined;
  on: boolean;
  disabled?: boolean;
  onChange: (on: boolean) => void;
}

export function Check({ label, hint, on, disabled, onChange }: CheckProps) {
  const id = useId();
  return (
    <div class="check">
      <label class="check-choice">
        <input
          type="checkbox"
          checked={on}
          disabled={disabled}
          aria-describedby={hint ? id : undefined}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        <span>{label}</span>
      </label>
      {hint && (
        <p id={id} class="muted small">
          {hint}
        </p>
      )}
    </div>
  );
}
