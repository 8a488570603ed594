// Mends one media connection whose way to the server broke or changed: by restarts of ICE, again and again for half a minute.
// The connection, its tracks and its keys stay. The server gives up after as long without a packet.

const AGAIN_MS = 5000; // between restarts: a round trip of signalling and ICE's checks have time to succeed
const GIVE_UP_MS = 30_000;

export interface MenderParts {
  /** Restarts ICE. Resolves when the server has heard of it, however that ended. */
  restart(): Promise<void>;
  /** Nothing helped. */
  lost(): void;
}

export class Mender {
  private readonly parts: MenderParts;
  private state: RTCPeerConnectionState = 'new';
  private againTimer: ReturnType<typeof setTimeout> | undefined;
  private giveUpTimer: ReturnType<typeof setTimeout> | undefined;
  private troubled = false;
  private restarting = false; // the server has not heard of it yet: signalling may be down as well
  private over = false;

  constructor(parts: MenderParts) {
    this.parts = parts;
  }

  changed(state: RTCPeerConnectionState): void {
    this.state = state;
    if (state === 'connected') this.rest();
    if (state === 'disconnected' || state === 'failed') this.begin();
  }

  /** The browser says that its network is another one: what still looks connected may not be. */
  networkChanged(): void {
    if (this.state === 'new' || this.over) return;
    if (this.state !== 'connected') this.begin();
    this.restart();
  }

  close(): void {
    this.over = true;
    this.rest();
  }

  private begin(): void {
    if (this.troubled || this.over) return;
    this.troubled = true;
    this.giveUpTimer = setTimeout(() => {
      this.close();
      this.parts.lost();
    }, GIVE_UP_MS);
    this.attempt();
  }

  private attempt(): void {
    this.againTimer = setTimeout(() => this.attempt(), AGAIN_MS);
    this.restart();
  }

  private restart(): void {
    if (this.restarting) return;
    this.restarting = true;
    void this.parts.restart().finally(() => {
      this.restarting = false;
    });
  }

  private rest(): void {
    this.troubled = false;
    clearTimeout(this.againTimer);
    clearTimeout(this.giveUpTimer);
  }
}
