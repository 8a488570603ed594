/** A text field with its label above and one line below it: the hint, or what is wrong. */
import { useId } from 'preact/hooks';
import { Icon } from '../icons.tsx';
import './field.css';

interface FieldProps {
  label: string;
  value: string;
  hint?: string;
  error?: string | null;
  placeholder?: string;
  maxLength?: number;
  /** More than one: what is long is shown whole. Enter still sends the form. */
  lines?: number;
  autoFocus?: boolean;
  /** A name is remembered by the browser's own means too; a link is not, for it holds a secret. */
  autoComplete: 'name' | 'off';
  onInput: (value: string) => void;
}

export function Field(props: FieldProps) {
  const { label, value, hint, error, placeholder, maxLength, lines, autoFocus, autoComplete, onInput } = props;
  const id = useId();
  const below = error || hint ? `${id}-below` : undefined;
  const shared = {
    id,
    value,
    placeholder,
    maxLength,
    autoComplete,
    autoCapitalize: autoComplete === 'name' ? ('words' as const) : ('none' as const),
    spellcheck: false,
    'aria-invalid': error ? true : undefined,
    'aria-describedby': below,
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {lines ? (
        <textarea
          {...shared}
          rows={lines}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.isComposing) return;
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          }}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      ) : (
        <input
          {...shared}
          type="text"
          // biome-ignore lint/a11y/noAutofocus: the lobby has one field, and it is what the person came to fill in
          autoFocus={autoFocus}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
      {below && (
        <p id={below} class={error ? 'field-below field-error' : 'field-below'}>
          {error && <Icon name="alert" small />}
          <span>{error || hint}</span>
        </p>
      )}
    </div>
  );
}
