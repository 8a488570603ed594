/** What is told in passing of a meeting: who comes and goes and raises a hand, what goes wrong, a changed link. */
import { useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Meeting } from '../../call/view.ts';
import { useDone } from '../moderation/use_done.ts';
import { tell } from '../notify/tell.ts';
import { linkChangedWords } from '../security/security_panel.tsx';
import { problemWords } from '../strings/problem.ts';
import { text, textCount } from '../strings/text.ts';
import { copyLink } from './copy_link.ts';
import { personName } from './tile_name.ts';
import { type Clock, Toasts } from './toasts.ts';

/** What is told for as long as it holds, with what helps, in told.tsx. */
const STAYS: ReadonlySet<string> = new Set(['engine_failed', 'worker_failed']);

const MINUTE_MS = 60_000;
const GOODBYE_MS = 5 * MINUTE_MS;
const LONGEST_TIMER_MS = 2 ** 31 - 1; // HTML, "timers": more would be at once

const windowClock: Clock = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Where new polls are answered: whether that is open, and how it opens. */
interface Polling {
  shown: () => boolean;
  show: () => void;
}

export function useToasts(meeting: Meeting, polling: Polling): Toasts {
  const toasts = useMemo(() => new Toasts(windowClock, (kind, names) => tell({ kind, names })), []);
  useSignalEffect(() => {
    const others = meeting.tiles.value.filter((tile) => tile.kind === 'camera' && !tile.self);
    if (meeting.phase.value === 'in_call') {
      toasts.people(others.map((tile) => ({ key: tile.key, name: personName(tile) })));
    }
  });
  useNewHands(meeting, toasts);
  useNewPolls(meeting, toasts, polling);
  useDone(meeting, toasts);
  useEnd(meeting, toasts);
  const told = useRef(meeting.problem.value);
  useSignalEffect(() => {
    const problem = meeting.problem.value;
    if (!problem || problem === told.current || meeting.phase.value !== 'in_call') return;
    told.current = problem;
    if (STAYS.has(problem.code)) return;
    const { message, hint } = problemWords(problem);
    toasts.say(hint ? `${message} ${hint}` : message);
  });
  const changes = useRef(meeting.linkChanged.value.times);
  useSignalEffect(() => {
    const { times, by } = meeting.linkChanged.value;
    if (times === changes.current) return;
    changes.current = times;
    const offer = { label: text('encryption.link.copy'), run: () => void copyLink(meeting, toasts) };
    toasts.say(linkChangedWords(by), offer);
  });
  useEffect(() => () => toasts.close(), [toasts]);
  return toasts;
}

/** Somebody else's poll is told once. Those of before one joined come within a moment of joining, and are told too. */
function useNewPolls(meeting: Meeting, toasts: Toasts, polling: Polling): void {
  const known = useRef(new Set<string>());
  useSignalEffect(() => {
    for (const { id, self, name, question } of meeting.polls.all.value) {
      if (known.current.has(id)) continue;
      known.current.add(id);
      const offer = { label: text('polls.asked.show'), run: polling.show };
      if (self || polling.shown()) continue;
      toasts.say(text('polls.asked', { name, question }), offer);
      tell({ kind: 'poll', name });
    }
  });
}

/** That a meeting's time is nearly over is told while there is time to say goodbye. */
function useEnd(meeting: Meeting, toasts: Toasts): void {
  useSignalEffect(() => {
    const at = meeting.terms.endsAt.value;
    if (at === null || meeting.phase.value !== 'in_call') return;
    const before = at - performance.now() - GOODBYE_MS;
    if (before > LONGEST_TIMER_MS) return;
    const tellEnd = () => {
      const left = at - performance.now();
      if (left > 0) toasts.say(textCount('call.ends_soon', Math.ceil(left / MINUTE_MS)));
    };
    const timer = setTimeout(tellEnd, Math.max(0, before));
    return () => clearTimeout(timer);
  });
}

/** A hand is told once, when it goes up. */
function useNewHands(meeting: Meeting, toasts: Toasts): void {
  const up = useRef<Set<string> | null>(null);
  useSignalEffect(() => {
    const raised = meeting.tiles.value.filter(({ kind, self, hand }) => kind === 'camera' && !self && hand > 0);
    for (const tile of raised) {
      if (!up.current || up.current.has(tile.key)) continue;
      toasts.say(text('hand.raised', { name: personName(tile) }));
      tell({ kind: 'hand', name: personName(tile) });
    }
    up.current = new Set(raised.map(({ key }) => key));
  });
}
