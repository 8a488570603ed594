/** What opens at the side: one at a time, beside the faces where there is room, closed with Escape or its button. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../icons.tsx';
import { text } from '../strings/text.ts';
import './panel.css';

interface PanelProps {
  id: string;
  title: string;
  /** As high as it is, with a part inside that scrolls. */
  filled?: boolean;
  children: ComponentChildren;
  onClose: () => void;
}

export function Panel({ id, title, filled, children, onClose }: PanelProps) {
  const panel = useRef<HTMLElement>(null);
  const openedBy = useRef(document.activeElement);

  // The focus goes in when it opens or has something else to say, and back to what opened it when it closes.
  useEffect(() => {
    panel.current?.focus();
  }, [title]);
  useEffect(() => {
    const opener = openedBy.current;
    return () => {
      if (opener instanceof HTMLElement && panel.current?.contains(document.activeElement)) opener.focus();
    };
  }, []);

  return (
    <aside
      ref={panel}
      id={id}
      class={filled ? 'panel panel-filled' : 'panel'}
      aria-labelledby={`${id}-title`}
      tabIndex={-1}
    >
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
