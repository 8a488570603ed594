/**
 * A device as a switch: its name never changes, `aria-checked` does. Off is filled and slashed, so that it is seen without
 * colour; `active` is the other way round, for what is unusual when it is on (a shared screen).
 */
import { Icon, type IconName } from '../icons.tsx';
import './switch.css';

interface SwitchProps {
  label: string;
  on: boolean;
  icon: IconName;
  iconOff?: IconName;
  meaning?: 'mute' | 'active';
  word?: 'beside' | 'hidden';
  shortcut?: string;
  disabled?: boolean;
  onChange: (on: boolean) => void;
}

export function Switch(props: SwitchProps) {
  const { label, on, icon, iconOff, meaning = 'mute', word = 'beside', shortcut, disabled, onChange } = props;
  const filled = meaning === 'mute' ? (on ? '' : ' switch-off') : on ? ' switch-active' : '';
  return (
    <button
      type="button"
      role="switch"
      class={`switch${filled}${word === 'hidden' ? ' switch-round' : ''}`}
      aria-checked={on}
      aria-keyshortcuts={shortcut}
      title={word === 'hidden' ? label : undefined}
      disabled={disabled}
      onClick={() => onChange(!on)}
    >
      <Icon name={on ? icon : (iconOff ?? icon)} />
      <span class={word === 'hidden' ? 'hidden-visually' : 'switch-word'}>{label}</span>
    </button>
  );
}
