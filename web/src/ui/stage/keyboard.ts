/** Keys of the call. `keyAction` says what a key means where it was pressed; `Talk` is the held space bar. */

export type KeyAction =
  | 'microphone'
  | 'camera'
  | 'screen'
  | 'hand'
  | 'chat'
  | 'people'
  | 'layout'
  | 'fullScreen'
  | 'shortcuts'
  | 'close'
  | 'talk';

export interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  repeat: boolean;
}

/** What has the focus: text is typed into, a control acts on space by itself. */
export type Focus = 'text' | 'control' | 'page';

const letters: ReadonlyMap<string, KeyAction> = new Map([
  ['m', 'microphone'],
  ['v', 'camera'],
  ['s', 'screen'],
  ['r', 'hand'],
  ['c', 'chat'],
  ['p', 'people'],
  ['w', 'layout'],
  ['f', 'fullScreen'],
  ['?', 'shortcuts'],
]);

export function keyAction(pressed: Pressed, focus: Focus): KeyAction | null {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey || pressed.repeat) return null;
  if (pressed.key === 'Escape') return 'close';
  if (focus === 'text') return null;
  if (pressed.key === ' ') return focus === 'page' ? 'talk' : null;
  return letters.get(pressed.key.toLowerCase()) ?? null;
}

export function focusOf(target: EventTarget | null): Focus {
  if (!(target instanceof Element)) return 'page';
  if (target.closest('input, textarea, select, [contenteditable]')) return 'text';
  return target.closest('button, a, summary, [role="switch"]') ? 'control' : 'page';
}

/** Push to talk: opens a closed microphone while space is held. An open one stays as it is. */
export class Talk {
  private holding = false;

  constructor(
    private readonly microphone: () => boolean,
    private readonly set: (on: boolean) => void,
    private readonly told: (talking: boolean) => void,
  ) {}

  press(): void {
    if (this.holding || this.microphone()) return;
    this.holding = true;
    this.set(true);
    this.told(true);
  }

  /** Also when the window loses the focus: the key's release would go to another one. */
  release(): void {
    if (!this.holding) return;
    this.holding = false;
    this.set(false);
    this.told(false);
  }
}
