/** A room whose secret the page did not give, or gave wrong: it may give one, as embedders know it from a password. */
import { signal } from '@preact/signals';
import type { Meeting, Problem } from '../../call/view.ts';

const SECRET = /^[\w-]{22}$/; // eight words are longer
const ASKED: readonly string[] = ['no_secret', 'bad_secret'];

export class Opening {
  /** The room asks for its secret. */
  readonly asking = signal(false);
  /** Grows when it has another one: what is shown begins anew. */
  readonly opened = signal(0);

  constructor(
    private readonly meeting: Pick<Meeting, 'slug' | 'phase' | 'prepare' | 'openWithWords' | 'openWithSecret'>,
  ) {}

  /** Whether the room can be joined. */
  async look(): Promise<Problem | null> {
    const wrong = await this.meeting.prepare();
    this.asking.value = wrong !== null && ASKED.includes(wrong.code);
    return wrong;
  }

  /** With a secret as it stands in a link, or with eight words. Rejects where it is neither. */
  async give(text: string): Promise<void> {
    const { meeting } = this;
    if (!this.asking.value || meeting.phase.value !== 'lobby') {
      throw new Error('no secret is asked for: passwordRequired says when, and toggleLock keeps others out of a room');
    }
    if (SECRET.test(text)) await meeting.openWithSecret(text);
    else if (!(await meeting.openWithWords(text)).ok) throw new Error('this is neither a secret nor its eight words');
    const wrong = await this.look();
    if (this.asking.value && wrong) throw new Error(wrong.message);
    this.opened.value++;
  }

  /** Whether a link that somebody pasted in the room leads here; then it is followed. */
  follow(href: string): boolean {
    const { pathname, hash } = new URL(href, 'https://room');
    if (pathname !== `/r/${this.meeting.slug}` || hash.length <= 1) return false;
    void this.meeting.openWithSecret(hash.slice(1)).then(async () => {
      await this.look();
      this.opened.value++;
    });
    return true;
  }
}
