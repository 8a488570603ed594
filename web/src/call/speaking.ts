// Who speaks, calmly: the server's list follows every pause for breath, an outline on a face must not.
import type { Device } from '../wire.ts';
import { deviceKey } from './people.ts';

const HOLD_MS = 1500; // after the last word

interface Held {
  device: Device;
  timer: ReturnType<typeof setTimeout> | undefined; // running while they are silent
}

export class Speaking {
  private readonly held = new Map<string, Held>();
  private readonly changed: (devices: Device[]) => void;

  constructor(changed: (devices: Device[]) => void) {
    this.changed = changed;
  }

  /** Takes the server's list. */
  hear(devices: Device[]): void {
    const before = this.held.size;
    const now = new Set(devices.map(deviceKey));
    for (const device of devices) {
      clearTimeout(this.held.get(deviceKey(device))?.timer);
      this.held.set(deviceKey(device), { device, timer: undefined });
    }
    for (const [key, held] of this.held) {
      if (!now.has(key)) held.timer ??= setTimeout(() => this.drop(key), HOLD_MS);
    }
    if (this.held.size > before) this.tell();
  }

  stop(): void {
    for (const { timer } of this.held.values()) clearTimeout(timer);
    this.held.clear();
  }

  private drop(key: string): void {
    this.held.delete(key);
    this.tell();
  }

  private tell(): void {
    this.changed([...this.held.values()].map(({ device }) => device));
  }
}
