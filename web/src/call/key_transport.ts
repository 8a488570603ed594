// Another way for the agents' messages than the server's signalling: for the devices of people whom a Matrix client vouches for.
// What goes that way goes no other way, and what comes another way from them is not heard.
import type { ReadonlySignal } from '@preact/signals';
import type { Device } from '../wire.ts';
import type { EngineEnvelope } from '../worker/messages.ts';

export interface Addressed {
  to: Device;
  envelope: EngineEnvelope;
}

/** How the messages for a device travel: over this transport and only so; by signalling; or not at all. */
export type Route = 'here' | 'signalling' | 'nowhere';

export interface KeyTransport {
  readonly view: ReadonlySignal<KeysOverMatrix>;
  route(device: Device): Route;
  /** One is in a call, as this device. */
  begin(call: string, self: Device, heard: (from: Device, envelope: EngineEnvelope) => void): void;
  send(messages: Addressed[]): void;
  end(): void;
}

/** What the page says of it. */
export interface KeysOverMatrix {
  /** Host of the page around us, which holds the Matrix keys and checks those of the others. */
  client: string;
  /** Who we are there. */
  user: string;
  /** Devices whose messages came by Matrix, by `deviceName`, with the Matrix user that sent them. */
  checked: ReadonlyMap<string, string>;
  /** Guests who are not of the Matrix room get keys, too. */
  guests: boolean;
}

export function deviceName({ user, device }: Pick<Device, 'user' | 'device'>): string {
  return `${user}|${device}`;
}
