/** Asks once more, where the button was and not over the faces: what will happen, then the deed and the way back. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { text } from '../strings/text.ts';
import { Button } from './button.tsx';
import './confirm.css';

interface ConfirmProps {
  title: string;
  action: string;
  children: ComponentChildren;
  onConfirm: () => void;
  onCancel: () => void;
}

export function Confirm({ title, action, children, onConfirm, onCancel }: ConfirmProps) {
  const id = useId();
  const group = useRef<HTMLFieldSetElement>(null);
  // To the question, not to its answer: who presses Enter twice must not remove somebody.
  useEffect(() => group.current?.focus(), []);
  return (
    <fieldset ref={group} class="confirm" aria-describedby={id} tabIndex={-1}>
      <legend class="confirm-title">{title}</legend>
      <div id={id} class="confirm-text small">
        {children}
      </div>
      <div class="confirm-actions">
        <Button weight="danger" onClick={onConfirm}>
          {action}
        </Button>
        <Button onClick={onCancel}>{text('people.cancel')}</Button>
      </div>
    </fieldset>
  );
}
