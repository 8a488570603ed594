// Requests under way, in the order of their ids: kept until the server has answered, so that a socket that takes the place of
// another can send the rest again.
import type { ServerMessage } from '../wire.ts';
import type { Request, SignallingError } from './requests.ts';

interface Waiting {
  text: string;
  ping: boolean;
  answered(message: ServerMessage): void;
  refused(error: SignallingError): void;
}

type Answer = Pick<Waiting, 'answered' | 'refused'>;

const NOBODY: Answer = { answered() {}, refused() {} };

export class Outbox {
  private readonly waiting = new Map<number, Waiting>();
  private lastID = 0;

  /** Hello takes the first id, whichever went before. */
  begin(): number {
    this.lastID = 1;
    return this.lastID;
  }

  /** The text to send. */
  add(message: Request | { type: 'ping'; seq: number }, answer: Answer = NOBODY): string {
    const id = ++this.lastID;
    const text = JSON.stringify({ ...message, id });
    this.waiting.set(id, { text, ping: message.type === 'ping', ...answer });
    return text;
  }

  /** Everything that has no answer yet. */
  texts(): string[] {
    return [...this.waiting.values()].map(({ text }) => text);
  }

  /** What the server, which has handled so many, did not get. What it has handled it answers from its buffer, all but pings. */
  after(handled: number): string[] {
    for (const [id, { ping }] of this.waiting) if (ping && id <= handled) this.waiting.delete(id);
    return [...this.waiting].filter(([id]) => id > handled).map(([, { text }]) => text);
  }

  has(id: number): boolean {
    return this.waiting.has(id);
  }

  answered(message: ServerMessage & { id: number }): void {
    this.take(message.id)?.answered(message);
  }

  refused(id: number, error: SignallingError): void {
    this.take(id)?.refused(error);
  }

  /** Nothing will be answered any more. */
  end(error: SignallingError): void {
    for (const { refused } of this.waiting.values()) refused(error);
    this.waiting.clear();
  }

  private take(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    return waiting;
  }
}
