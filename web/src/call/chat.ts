// Lines of text, to everybody or to one: sealed like everything else, kept only by this page, and only for this call.
import { type ReadonlySignal, signal } from '@preact/signals';
import { cleanLines, decodeSaid, encodeSaid } from './said.ts';
import type { ChatLine } from './view.ts';

export const CHAT_KIND = 'grotto.chat';
export const CHAT_LIMIT = 4000; // characters of a line
const PRIVATE_LIMIT = 8192; // bytes of a line to one, as the engine sends by Olm
const KEPT = 500; // lines; who has been away longer has missed them

/** A line that cannot be sent, with a code the catalogue may have words for. */
export class ChatError extends Error {
  override name = 'ChatError';
  readonly code: 'empty' | 'long' | 'offline' | 'gone';

  constructor(code: ChatError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** The body to send, and the text as the others will see it. Throws rather than cut anything off. */
export function encodeChat(text: string, only: boolean): { body: string; shown: string } {
  const shown = cleanLines(text, Number.POSITIVE_INFINITY);
  if (shown === '') throw new ChatError('empty', 'There is nothing to send.');
  if ([...shown].length > CHAT_LIMIT) {
    throw new ChatError('long', `A line has at most ${CHAT_LIMIT} characters.`);
  }
  const body = encodeSaid({ text: shown });
  if (only && (body.length * 3) / 4 > PRIVATE_LIMIT) {
    throw new ChatError('long', 'This is too long to be sent to one person. Send it in parts.');
  }
  return { body, shown };
}

/** The text of a line, cut and cleaned; null where there is none. */
export function decodeChat(body: string): string | null {
  const text = decodeSaid(body)?.text;
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
