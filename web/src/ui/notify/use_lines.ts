/** Tells of lines and files in the chat that are not on the screen as they come. */
import { useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Meeting } from '../../call/view.ts';
import { tell } from './tell.ts';

export function useLines(meeting: Meeting, chatOpen: () => boolean): void {
  const told = useRef(meeting.chat.peek().at(-1)?.id ?? 0);
  useSignalEffect(() => {
    const lines = meeting.chat.value.filter((line) => line.id > told.current);
    told.current = lines.at(-1)?.id ?? told.current;
    const last = lines.findLast((line) => !line.self);
    if (last && (document.hidden || !chatOpen())) tell({ kind: last.file ? 'file' : 'message', name: last.name });
  });
}
