/** The poll that one is writing: kept apart from the panel, so that closing it loses no word. */
import { signal } from '@preact/signals';
import { MOST_OPTIONS } from '../../call/poll.ts';
import type { PollsView } from '../../call/polls.ts';

export type PollFault = 'incomplete' | 'same' | 'many' | 'offline' | 'failed';

const BLANK = ['', ''];

export class PollDraft {
  readonly open = signal(false);
  readonly question = signal('');
  readonly options = signal<string[]>(BLANK);
  readonly many = signal(false);
  readonly fault = signal<PollFault | null>(null);
  private asking = false;

  constructor(private readonly polls: Pick<PollsView, 'ask'>) {}

  get full(): boolean {
    return this.options.value.length >= MOST_OPTIONS;
  }

  write(place: number, text: string): void {
    this.options.value = this.options.value.map((option, i) => (i === place ? text : option));
    this.fault.value = null;
  }

  addOption(): void {
    if (!this.full) this.options.value = [...this.options.value, ''];
  }

  async ask(): Promise<void> {
    if (this.asking) return;
    this.fault.value = this.obstacle();
    if (this.fault.value) return;
    this.asking = true;
    try {
      await this.polls.ask(this.question.value, this.options.value, this.many.value);
      this.clear();
    } catch (error) {
      this.fault.value = faultOf(error);
    } finally {
      this.asking = false;
    }
  }

  clear(): void {
    this.open.value = false;
    this.question.value = '';
    this.options.value = BLANK;
    this.many.value = false;
    this.fault.value = null;
  }

  private obstacle(): PollFault | null {
    const answers = this.options.value.map((option) => option.trim()).filter((option) => option !== '');
    if (this.question.value.trim() === '' || answers.length < BLANK.length) return 'incomplete';
    return new Set(answers).size < answers.length ? 'same' : null;
  }
}

/** The call's own word for it where it has one. */
function faultOf(error: unknown): PollFault {
  const { code } = (error ?? {}) as { code?: unknown };
  if (code === 'empty') return 'incomplete';
  return code === 'offline' || code === 'many' ? code : 'failed';
}
