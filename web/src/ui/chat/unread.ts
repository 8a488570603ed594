/** How many lines came while the chat was not open. One's own are read. */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { ChatLine } from '../../call/view.ts';

export class Unread {
  private readonly seen = signal(0);

  constructor(private readonly chat: ReadonlySignal<ChatLine[]>) {}

  get count(): number {
    return this.chat.value.filter((line) => line.id > this.seen.value && !line.self).length;
  }

  /** All there is now was shown. */
  read(): void {
    this.seen.value = this.chat.value.at(-1)?.id ?? this.seen.value;
  }
}
