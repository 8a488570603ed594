/**
 * The page that has the room in a frame: the only one that is listened to, and only if the server names its origin. The
 * browser shows the room in no other frame, by the server's policy; this holds even where that is missing.
 */
import { type FromRoom, readCommand, readConnect, type ToRoom, VERSION, type Wishes } from './protocol.ts';

/** As much of a message as is looked at. */
export interface Message {
  data: unknown;
  origin: string;
  source: unknown;
  ports: readonly MessagePort[];
}

export interface Around {
  parent: unknown;
  origin: string;
  listen(heard: (message: Message) => void): () => void;
  /** The origins that the server names. */
  embedders(): Promise<string[]>;
}

/** Listens from the first moment on: the page speaks as soon as the frame has loaded, and the list may come later. */
export class Host {
  private readonly heard: Message[] = [];
  private readonly around: Around;
  private readonly stop: () => void;
  private wake = () => {};

  constructor(around: Around) {
    this.around = around;
    this.stop = around.listen((message) => {
      if (message.source !== around.parent || this.heard.length >= 16) return;
      this.heard.push(message);
      this.wake();
    });
  }

  /** The page that may speak, once it does. */
  async connected(): Promise<{ wishes: Wishes; line: Line }> {
    const allowed = new Set([this.around.origin, ...(await this.around.embedders())]);
    for (;;) {
      const message = this.heard.shift();
      if (!message) {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
        continue;
      }
      const wishes = allowed.has(message.origin) ? readConnect(message.data) : null;
      const [port] = message.ports;
      if (!wishes || !port) continue;
      this.stop();
      return { wishes, line: new Line(port) };
    }
  }
}

/** The port to the page. Nobody else has the other end. */
export class Line {
  private readonly port: MessagePort;

  constructor(port: MessagePort) {
    this.port = port;
    this.tell({ type: 'connected', version: VERSION });
  }

  tell(message: FromRoom): void {
    this.port.postMessage(message);
  }

  /** Carries out what the page asks for, and answers. */
  obey(act: (command: ToRoom) => void | Promise<void>): void {
    this.port.onmessage = async ({ data }) => {
      const command = readCommand(data);
      if (!command) return;
      try {
        await act(command);
        this.tell({ type: 'done', id: command.id });
      } catch (error) {
        this.tell({ type: 'refused', id: command.id, error: (error as Error).message });
      }
    };
  }
}

export function around(page: Window): Around {
  return {
    parent: page.parent,
    origin: page.location.origin,
    listen(heard) {
      page.addEventListener('message', heard);
      return () => page.removeEventListener('message', heard);
    },
    async embedders() {
      const answer = await fetch('/embedders.json');
      const { origins } = (await answer.json()) as { origins: string[] };
      return origins;
    },
  };
}
