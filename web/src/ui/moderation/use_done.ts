/** What moderators did, told in passing: to oneself, and to the room. */
import { useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Meeting } from '../../call/view.ts';
import { tell } from '../notify/tell.ts';
import type { Toasts } from '../stage/toasts.ts';
import { text } from '../strings/text.ts';

export function useDone(meeting: Meeting, toasts: Toasts): void {
  const { moderation } = meeting;
  const told = useRef(moderation.done.value);
  useSignalEffect(() => {
    const done = moderation.done.value;
    if (!done || done === told.current) return;
    told.current = done;
    toasts.say(text(`moderation.done.${done.what}`, { name: done.by ?? text('moderation.operator') }));
  });
  const known = useRef(new Set<number>());
  useSignalEffect(() => {
    const knocks = moderation.knocks.value;
    const fresh = knocks.filter(({ id }) => !known.current.has(id));
    known.current = new Set(knocks.map(({ id }) => id));
    for (const { name } of fresh.slice(0, 1)) tell({ kind: 'knock', name: name ?? text('tile.unknown') });
  });
  const room = useRef(moderation.room.value);
  useSignalEffect(() => {
    const before = room.current;
    const { locked, waitingRoom } = moderation.room.value;
    room.current = moderation.room.value;
    if (locked !== before.locked) toasts.say(text(locked ? 'moderation.locked' : 'moderation.unlocked'));
    else if (waitingRoom !== before.waitingRoom) {
      toasts.say(text(waitingRoom ? 'moderation.waiting_room.on' : 'moderation.waiting_room.off'));
    }
  });
}
