/** What opens at the side: one at a time, beside the faces where there is room, closed with Escape or its button. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../icons.tsx';
import { text } from '../strings/text.ts';
import './panel.css';

interface PanelProps {
  id: string;
  title: string;
  children: ComponentChildren;
  onClose: () => void;
}

export function Panel({ id, title, children, onClose }: PanelProps) {
  const panel = useRef<HTMLElement>(null);

  // The focus goes in when it opens, and back to what opened it when it closes.
  useEffect(() => {
    const opener = document.activeElement;
    panel.current?.focus();
    return () => {
      if (opener instanceof HTMLElement && panel.current?.contains(document.activeElement)) opener.focus();
    };
  }, []);

  return (
    <aside ref={panel} id={id} class="panel" aria-labelledby={`${id}-title`} tabIndex={-1}>
      <header class="panel-head">
        <h2 id={`${id}-title`}>{title}</h2>
        <button type="button" class="round" aria-label={text('call.close')} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {children}
    </aside>
  );
}
