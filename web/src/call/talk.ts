// What is written and shown for a moment, by oneself and by others.
import type { Device } from '../wire.ts';
import { timers } from './browser.ts';
import { CHAT_KIND, Chat, readLine, sayable } from './chat.ts';
import { REACTION_KIND, REACTIONS, Reactions, readReaction } from './reactions.ts';
import type { Sealed } from './sealed.ts';
import type { PersonRef } from './view.ts';

const LINE_LIMIT = 32 << 10; // bytes: a line of any script, escaped
const LINES_PER_SECOND = 25; // a pipe of the Go client writes 20

export class Talk {
  readonly chat = new Chat();
  readonly reactions = new Reactions({ ...timers, now: () => performance.now() });
  private readonly sealed: Sealed;

  constructor(sealed: Sealed) {
    this.sealed = sealed;
    sealed.hear(
      CHAT_KIND,
      { way: 'both', limit: LINE_LIMIT, perSecond: LINES_PER_SECOND },
      ({ from, name, body, only }) => {
        const text = readLine(body);
        if (text) this.chat.add({ name, from: refOf(from), self: false, text, at: Date.now(), private: only });
      },
    );
    sealed.hear(REACTION_KIND, { way: 'all' }, ({ from, name, body }) => {
      const emoji = readReaction(body);
      if (emoji) this.reactions.add(name, refOf(from), emoji);
    });
    sealed.onEnd(() => {
      this.chat.clear();
      this.reactions.clear();
    });
  }

  /** Says a line to all, or to one; it throws where it cannot go out. */
  say(text: string, to?: PersonRef): void {
    const { sealed } = this;
    const shown = sayable(text);
    if (to) {
      const device = sealed.toOne(CHAT_KIND, { text: shown }, to);
      this.own(shown, { private: true, to: sealed.nameOf(device) });
    } else {
      sealed.toAll(CHAT_KIND, { text: shown });
      this.own(shown, { private: false });
    }
  }

  /** Shows a reaction to all, if there is a call to show it in. */
  react(emoji: string): void {
    const { self, ownName } = this.sealed;
    if (!self || !REACTIONS.includes(emoji) || !this.reactions.add(ownName, refOf(self), emoji)) return;
    this.sealed.toAll(REACTION_KIND, { emoji });
  }

  private own(text: string, whom: { private: boolean; to?: string }): void {
    const { self, ownName } = this.sealed;
    if (self) this.chat.add({ name: ownName, from: refOf(self), self: true, text, at: Date.now(), ...whom });
  }
}

function refOf({ user, device }: Device): PersonRef {
  return { user, device };
}
