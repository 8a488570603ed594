// The Matrix client around us, by the widget API. What the library does beyond that is stopped here: it would write every
// message to the console, secrets of meetings among them.
import { type IWidgetApiRequest, MatrixCapabilities, WidgetApi } from 'matrix-widget-api';
import type { WidgetAddress } from './address.ts';
import {
  CALL,
  type Mailing,
  type MatrixClient,
  MEMBER,
  MEMBERSHIP,
  MESSAGE,
  type OpenIDToken,
  SECRET,
  SECRET_REQUEST,
  type StateEvent,
  type ToDevice,
} from './matrix.ts';
import { membershipKey } from './memberships.ts';

const UPDATES_STATE = 'org.matrix.msc2762_update_state'; // a client that has it tells the state by itself

/** Whose room it is, who is in it, and who in its call. */
const STATE = [CALL, MEMBER, MEMBERSHIP];

/** What the client may want of us, beyond what Matrix knows. */
export type Wish = 'hang_up' | 'close' | 'join';
const wishes: Record<string, Wish> = {
  'im.vector.hangup': 'hang_up',
  'io.element.close': 'close',
  'io.element.join': 'join',
};

/** Actions that are answered, and nothing comes of them. */
const NODDED = ['io.element.device_mute', 'io.element.tile_layout', 'io.element.spotlight_layout', 'widget_config'];

export interface HostEvents {
  wish(wish: Wish): void;
  theme(name: string): void;
  language(tag: string): void;
}

export class WidgetHost implements MatrixClient {
  private readonly api: WidgetApi;
  private readonly roomID: string;
  private hearState: (event: StateEvent) => void = () => {};
  private hearToDevice: (message: ToDevice) => void = () => {};

  constructor(address: WidgetAddress, events: HostEvents) {
    const { widgetID, parentOrigin, roomID, userID, deviceID } = address;
    this.roomID = roomID;
    this.api = new WidgetApi(widgetID, parentOrigin);
    quieten(this.api, parentOrigin);
    for (const type of [SECRET_REQUEST, SECRET, MESSAGE]) {
      this.api.requestCapabilityToSendToDevice(type);
      this.api.requestCapabilityToReceiveToDevice(type);
    }
    for (const type of STATE) this.api.requestCapabilityToReceiveState(type);
    this.api.requestCapabilityToSendState(MEMBERSHIP, membershipKey(userID, deviceID));
    this.api.requestCapabilityForRoomTimeline(roomID);
    this.api.requestCapabilities([
      MatrixCapabilities.AlwaysOnScreen,
      MatrixCapabilities.MSC4157SendDelayedEvent,
      MatrixCapabilities.MSC4157UpdateDelayedEvent,
      MatrixCapabilities.RequiresClient,
    ]);
    this.listen(events);
  }

  /** Resolves when the client has said what it lets us do. */
  async ready(listening: () => void): Promise<void> {
    const ready = new Promise<void>((resolve) => this.api.once('ready', resolve));
    this.api.start();
    listening();
    await this.api.sendContentLoaded().catch(() => {}); // a client that does not wait for it says so
    await ready;
    if ((await this.api.getClientVersions()).includes(UPDATES_STATE)) return;
    for (const type of STATE) {
      for (const event of await this.readState(type)) this.hearState(event);
    }
  }

  openID(): Promise<OpenIDToken> {
    return this.api.requestOpenIDConnectToken() as Promise<OpenIDToken>;
  }

  async sendToDevice(type: string, messages: Mailing): Promise<void> {
    await this.api.sendToDevice(type, true, messages as { [user: string]: { [device: string]: object } });
  }

  async readState(type: string): Promise<StateEvent[]> {
    return (await this.api.readStateEvents(type, undefined, undefined, [this.roomID])) as unknown as StateEvent[];
  }

  async sendState(type: string, key: string, content: object, delayMs?: number): Promise<string> {
    const sent = await this.api.sendStateEvent(type, key, content, this.roomID, delayMs);
    if (delayMs === undefined) return '';
    if (!sent.delay_id) throw new Error('widget: the client sent it at once');
    return sent.delay_id;
  }

  async updateDelayed(delay: string, action: 'restart' | 'cancel' | 'send'): Promise<void> {
    if (action === 'restart') await this.api.restartScheduledDelayedEvent(delay);
    else if (action === 'cancel') await this.api.cancelScheduledDelayedEvent(delay);
    else await this.api.sendScheduledDelayedEvent(delay);
  }

  onState(heard: (event: StateEvent) => void): void {
    this.hearState = heard;
  }

  onToDevice(heard: (message: ToDevice) => void): void {
    this.hearToDevice = heard;
  }

  /** In a call the client goes on showing us while the person looks at another room. */
  async inCall(on: boolean): Promise<void> {
    await this.api.setAlwaysOnScreen(on).catch(() => {}); // not every client has it
    const action = on ? 'io.element.join' : 'im.vector.hangup';
    await this.api.transport.send(action, {}).catch(() => {}); // likewise
  }

  private listen({ wish, theme, language }: HostEvents): void {
    for (const [action, what] of Object.entries(wishes)) this.on(action, () => wish(what));
    for (const action of NODDED) this.on(action, () => {});
    this.on('theme_change', ({ name }) => theme(String(name ?? '')));
    this.on('language_change', ({ lang }) => language(String(lang ?? '')));
    this.on('send_to_device', (data) => this.hearToDevice(data as unknown as ToDevice));
    this.on('update_state', ({ state }) => {
      for (const event of Array.isArray(state) ? state : []) this.stateCame(event);
    });
    this.on('send_event', (event) => 'state_key' in event && this.stateCame(event as unknown as StateEvent));
  }

  private stateCame(event: StateEvent): void {
    if (event.room_id === this.roomID) this.hearState(event);
  }

  private on(action: string, act: (data: Record<string, unknown>) => void): void {
    this.api.on(`action:${action}`, (event: CustomEvent<IWidgetApiRequest>) => {
      event.preventDefault();
      this.api.transport.reply(event.detail, {});
      act(event.detail.data);
    });
  }
}

/** In this version of the library the one thing that writes to the console. A test sees to it that it stays quiet. */
function quieten(api: WidgetApi, parentOrigin: string): void {
  const transport = api.transport as unknown as { sendInternal(message: unknown): void };
  transport.sendInternal = (message) => globalThis.parent.postMessage(message, parentOrigin);
}
