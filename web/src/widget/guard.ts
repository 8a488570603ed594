// Who is listened to: the window around us, from the origin that it named in our address, if the server allows that origin to
// have rooms in a frame. The widget library looks at neither, so this stands before it and lets nothing else through. The client
// speaks as soon as our frame has loaded, once; what it says before the library is there is kept for it.

/** As much of a message as is looked at. */
export interface Heard {
  data: unknown;
  source: unknown;
  origin: string;
  stopImmediatePropagation(): void;
}

export interface Around {
  parent: unknown;
  /** Our own. */
  origin: string;
  /** Before anybody else listens to messages of the window. */
  listen(heard: (message: Heard) => void): void;
  /** Says to the others who listen what was kept. */
  say(data: unknown, origin: string): void;
  /** The origins that the server names. */
  embedders(): Promise<string[]>;
}

const MOST_KEPT = 16;

export class Guard {
  private readonly around: Around;
  private readonly parentOrigin: string;
  private kept: unknown[] | null = []; // null: the library is there

  constructor(around: Around, parentOrigin: string) {
    this.around = around;
    this.parentOrigin = parentOrigin;
    around.listen((message) => {
      const ours = message.source === around.parent && message.origin === parentOrigin;
      if (ours && this.kept === null) return;
      message.stopImmediatePropagation();
      if (ours && this.kept && this.kept.length < MOST_KEPT) this.kept.push(message.data);
    });
  }

  /** Whether the page around us may have us in its frame. */
  async allows(): Promise<boolean> {
    const { around, parentOrigin } = this;
    return parentOrigin === around.origin || (await around.embedders()).includes(parentOrigin);
  }

  /** The library listens. */
  open(): void {
    const { kept } = this;
    this.kept = null;
    for (const data of kept ?? []) this.around.say(data, this.parentOrigin);
  }
}

export function around(page: Window): Around {
  return {
    parent: page.parent,
    origin: page.location.origin,
    listen: (heard) => page.addEventListener('message', heard, { capture: true }),
    say: (data, origin) => page.dispatchEvent(new MessageEvent('message', { data, origin, source: page.parent })),
    async embedders() {
      const answer = await fetch('/embedders.json');
      const { origins } = (await answer.json()) as { origins: string[] };
      return origins;
    },
  };
}
