/** The browser's own select, with an icon or a word before it. */
import { useId } from 'preact/hooks';
import { Icon, type IconName } from '../icons.tsx';
import './choice.css';

export interface Option {
  value: string;
  label: string;
}

interface ChoiceProps {
  label: string;
  icon?: IconName;
  options: Option[];
  value: string;
  disabled?: boolean;
  onChange: (value: string) => void;
}

export function Choice({ label, icon, options, value, disabled, onChange }: ChoiceProps) {
  const id = useId();
  // A device that is gone is no option any more: the browser takes the first one then, and an empty field would say nothing.
  const shown = options.some((option) => option.value === value) ? value : (options[0]?.value ?? '');
  return (
    <div class={icon ? 'choice' : 'choice choice-labelled'}>
      <label for={id} class={icon ? 'hidden-visually' : undefined}>
        {label}
      </label>
      {icon && <Icon name={icon} />}
      <select id={id} value={shown} disabled={disabled} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <Icon name="chevron" small />
    </div>
  );
}
