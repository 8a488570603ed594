// A worker that says what a test tells it to. It answers pings by itself, until it is told not to.
import type { FromWorker, PageEffect, PageEvent, ToWorker } from '../../src/worker/messages.ts';

export class FakeWorker {
  onmessage: ((event: { data: FromWorker }) => void) | null = null;
  onerror: ((event: { message: string }) => void) | null = null;
  onmessageerror: (() => void) | null = null;
  readonly sent: ToWorker[] = [];
  terminated = false;
  answersPings = true;
  /** What the engine does about an event, before the next message is looked at. */
  react: (event: PageEvent) => PageEffect[] = () => [];

  postMessage(message: ToWorker): void {
    this.sent.push(message);
    if (message.type === 'ping' && this.answersPings) this.say({ type: 'pong', id: message.id });
    if (message.type === 'event') {
      const effects = this.react(message.event);
      if (effects.length > 0) this.say({ type: 'effects', effects });
    }
  }

  terminate(): void {
    this.terminated = true;
  }

  say(data: FromWorker): void {
    this.onmessage?.({ data });
  }

  /** The events told so far. */
  events(): PageEvent[] {
    return this.sent.flatMap((message) => (message.type === 'event' ? [message.event] : []));
  }

  asWorker(): Worker {
    return this as unknown as Worker;
  }
}
