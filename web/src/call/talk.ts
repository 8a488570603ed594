// What is written and shown for a moment, by oneself and by others.
import type { Device } from '../wire.ts';
import { timers } from './browser.ts';
import { Chat, ChatError } from './chat.ts';
import { Reactions } from './reactions.ts';
import type { Session } from './session.ts';
import type { PersonRef } from './view.ts';

export class Talk {
  readonly chat = new Chat();
  readonly reactions = new Reactions({ ...timers, now: () => performance.now() });

  /** Says a line to all, or to one; it throws where it cannot go out. */
  say(session: Session, self: Device, name: string, text: string, to?: PersonRef): void {
    const device = to ? session.people.find(to) : null;
    if (to && !device) throw new ChatError('gone', 'This person has left.');
    const shown = session.say(text, device);
    const whom = device ? { private: true, to: session.people.name(device) } : { private: false };
    this.chat.add({ name, from: refOf(self), self: true, text: shown, at: Date.now(), ...whom });
  }

  heard(session: Session, from: Device, text: string, only: boolean): void {
    const name = session.people.name(from);
    this.chat.add({ name, from: refOf(from), self: false, text, at: Date.now(), private: only });
  }

  react(session: Session, self: Device, name: string, emoji: string): void {
    if (this.reactions.add(name, refOf(self), emoji)) session.react(emoji);
  }

  reacted(session: Session, from: Device, emoji: string): void {
    this.reactions.add(session.people.name(from), from, emoji);
  }

  clear(): void {
    this.chat.clear();
    this.reactions.clear();
  }
}

function refOf({ user, device }: Device): PersonRef {
  return { user, device };
}
