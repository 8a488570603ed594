// Lines of text, to everybody or to one: sealed like everything else, kept only by this page, and only for this call.
import { type ReadonlySignal, signal } from '@preact/signals';
import { cleanLines, SayError } from './said.ts';
import type { PersonRef } from './view.ts';

/** A line of the chat. Times are ours, of arrival. */
export interface ChatLine {
  id: number;
  name: string;
  from: PersonRef;
  self: boolean;
  text: string;
  at: number;
  /** Only for us: whom it is from, or, where it is ours, whom it went to. */
  private: boolean;
  to?: string;
  /** A file is offered: its key among `files`, and its name is the text. */
  file?: string;
}

export const CHAT_KIND = 'grotto.chat';
export const CHAT_LIMIT = 4000; // characters of a line
const KEPT = 500; // lines; who has been away longer has missed them

/** The text as the others will see it. Throws rather than cut anything off. */
export function sayable(text: string): string {
  const shown = cleanLines(text, Number.POSITIVE_INFINITY);
  if (shown === '') throw new SayError('empty', 'There is nothing to send.');
  if ([...shown].length > CHAT_LIMIT) throw new SayError('long', `A line has at most ${CHAT_LIMIT} characters.`);
  return shown;
}

/** The text of a line, cut and cleaned; null where there is none. */
export function readLine({ text }: Record<string, unknown>): string | null {
  return typeof text === 'string' ? cleanLines(text, CHAT_LIMIT) || null : null;
}

export class Chat {
  private readonly all = signal<ChatLine[]>([]);
  private lastID = 0;

  get lines(): ReadonlySignal<ChatLine[]> {
    return this.all;
  }

  add(line: Omit<ChatLine, 'id'>): void {
    this.all.value = [...this.all.value, { ...line, id: ++this.lastID }].slice(-KEPT);
  }

  clear(): void {
    this.all.value = [];
  }
}
