/** Something wrong, said where it matters: what happened, then what to do. */
import type { ComponentChildren } from 'preact';
import { Icon } from '../icons.tsx';
import './notice.css';

interface NoticeProps {
  tone: 'warn' | 'danger';
  message: string;
  hint?: string;
  id?: string;
  children?: ComponentChildren;
}

export function Notice({ tone, message, hint, id, children }: NoticeProps) {
  return (
    <div class={`notice notice-${tone}`} role="alert" id={id}>
      <Icon name="alert" />
      <div>
        <p class="notice-message">{message}</p>
        {hint && <p>{hint}</p>}
        {children}
      </div>
    </div>
  );
}
