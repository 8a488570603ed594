// A WebSocket and a clock that do what a test says, and nothing by themselves.
import type { Socket, Timers } from '../../src/call/signalling.ts';
import type { ServerMessage } from '../../src/wire.ts';

type Sent = { type: string; id: number } & Record<string, unknown>;

export class FakeSocket implements Socket {
  onopen: Socket['onopen'] = null;
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  readonly sent: Sent[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Sent);
  }

  close(): void {
    this.closed = true;
  }

  open(): void {
    this.onopen?.({} as Event);
  }

  say(message: ServerMessage): void {
    this.onmessage?.({ data: JSON.stringify(message) } as MessageEvent);
  }

  drop(): void {
    this.onclose?.({} as CloseEvent);
  }

  types(): string[] {
    return this.sent.map((m) => m.type);
  }
}

export class FakeTimers implements Timers {
  private next = 1;
  private readonly waiting = new Map<number, { at: number; act: () => void }>();
  time = 0;

  setTimeout(act: () => void, ms: number): unknown {
    this.waiting.set(this.next, { at: this.time + ms, act });
    return this.next++;
  }

  clearTimeout(timer: unknown): void {
    this.waiting.delete(timer as number);
  }

  random(): number {
    return 0.5;
  }

  /** Lets so much time pass, and everything happen that is due in it, in order. */
  pass(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      const due = [...this.waiting].filter(([, w]) => w.at <= until).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.waiting.delete(due[0]);
      this.time = due[1].at;
      due[1].act();
    }
    this.time = until;
  }
}
