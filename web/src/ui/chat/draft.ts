/**
 * What one is writing: kept apart from the panel, so that closing it or losing the connection loses no word. Sending fails
 * in words and leaves the text where it is.
 */
import { signal } from '@preact/signals';
import { healthy, type Meeting, type PersonRef, type TileView } from '../../call/view.ts';
import { type FileFault, faultOf as fileFaultOf } from '../files/fault.ts';

/** The engine's limit, in characters. */
export const TEXT_LIMIT = 4000;

export type DraftFault = 'failed' | 'offline' | 'gone' | 'long';

/** Whom a line is for; the name is kept for when they are gone. */
export interface Recipient extends PersonRef {
  name: string;
}

export class Draft {
  readonly text = signal('');
  readonly to = signal<Recipient | null>(null);
  readonly sending = signal(false);
  readonly fault = signal<DraftFault | null>(null);
  readonly fileFault = signal<FileFault | null>(null);

  constructor(private readonly meeting: Pick<Meeting, 'say' | 'phase' | 'tiles' | 'files'>) {}

  write(text: string): void {
    this.text.value = text;
    this.fault.value = null;
    this.fileFault.value = null;
  }

  address(to: Recipient | null): void {
    this.to.value = to;
    this.fault.value = null;
    this.fileFault.value = null;
  }

  /** Somebody chosen who has left stays chosen: a private line must never go to everybody instead. */
  gone(): boolean {
    const { value: to } = this.to;
    return to !== null && !recipients(this.meeting.tiles.value).some((tile) => samePerson(tile, to));
  }

  async send(): Promise<void> {
    const text = this.text.value.trim();
    const to = this.to.value;
    if (text === '' || this.sending.value) return;
    this.fault.value = this.obstacle(text);
    if (this.fault.value) return;
    this.sending.value = true;
    try {
      await (to === null ? this.meeting.say(text) : this.meeting.say(text, { user: to.user, device: to.device }));
      // What was typed on while it was under way stays.
      if (this.text.value.trim() === text) this.text.value = '';
    } catch (error) {
      this.fault.value = faultOf(error);
    } finally {
      this.sending.value = false;
    }
  }

  /** Offers a file to whom one writes. */
  async share(file: File): Promise<void> {
    const to = this.to.value;
    this.fileFault.value = this.gone() ? 'gone' : null;
    if (this.fileFault.value) return;
    try {
      await (to === null
        ? this.meeting.files.share(file)
        : this.meeting.files.share(file, { user: to.user, device: to.device }));
    } catch (error) {
      this.fileFault.value = fileFaultOf(error);
    }
  }

  private obstacle(text: string): DraftFault | null {
    if (this.meeting.phase.value !== 'in_call') return 'offline';
    if (this.gone()) return 'gone';
    return [...text].length > TEXT_LIMIT ? 'long' : null;
  }
}

/** The call's own word for it where it has one. */
function faultOf(error: unknown): DraftFault {
  const { code } = (error ?? {}) as { code?: unknown };
  return code === 'offline' || code === 'gone' || code === 'long' ? code : 'failed';
}

export function samePerson(a: PersonRef, b: PersonRef): boolean {
  return a.user === b.user && a.device === b.device;
}

/** Those one can write to: others, whose keys are such that they can open it. */
export function recipients(tiles: TileView[]): TileView[] {
  return tiles.filter((tile) => tile.kind === 'camera' && !tile.self && healthy(tile.state));
}
