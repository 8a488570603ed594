/** A real button, in four weights; `busy` keeps its place and its focus while something is under way. */
import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from '../icons.tsx';
import './button.css';

interface ButtonProps {
  children: ComponentChildren;
  weight?: 'primary' | 'quiet' | 'danger' | 'plain';
  icon?: IconName;
  type?: 'button' | 'submit';
  wide?: boolean;
  disabled?: boolean;
  busy?: boolean;
  describedBy?: string;
  /** Its name where the words on it do not say enough. */
  label?: string;
  onClick?: () => void;
}

export function Button(props: ButtonProps) {
  const {
    children,
    weight = 'quiet',
    icon,
    type = 'button',
    wide,
    disabled,
    busy,
    describedBy,
    label,
    onClick,
  } = props;
  return (
    <button
      type={type}
      class={`button button-${weight}${wide ? ' button-wide' : ''}`}
      disabled={disabled}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      aria-label={label}
      aria-describedby={describedBy}
      onClick={busy ? undefined : onClick}
    >
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  );
}
