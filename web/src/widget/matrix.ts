// What is asked of the Matrix client around us. host.ts asks it by the widget API; tests have one of their own.

/** A state event of the room. */
export interface StateEvent {
  type: string;
  sender: string;
  state_key: string;
  content: Record<string, unknown>;
  origin_server_ts: number;
  room_id?: string;
  event_id?: string;
}

/** A to-device message as the client hands it on. */
export interface ToDevice {
  type: string;
  sender: string;
  content: Record<string, unknown>;
  /** It came Olm-encrypted. The client does not say of which device. */
  encrypted: boolean;
}

/** As the homeserver gives it, to be shown to Grotto's server. */
export interface OpenIDToken {
  access_token: string;
  token_type: string;
  matrix_server_name: string;
  expires_in: number;
}

/** What to send, by user and device. */
export type Mailing = Record<string, Record<string, object>>;

export interface MatrixClient {
  openID(): Promise<OpenIDToken>;
  /** Always encrypted. */
  sendToDevice(type: string, messages: Mailing): Promise<void>;
  readState(type: string): Promise<StateEvent[]>;
  /** Answers to the delay's name where the state is to be sent after so many ms. Rejects where that cannot be. */
  sendState(type: string, key: string, content: object, delayMs?: number): Promise<string>;
  updateDelayed(delay: string, action: 'restart' | 'cancel' | 'send'): Promise<void>;
  onToDevice(heard: (message: ToDevice) => void): void;
  onState(heard: (event: StateEvent) => void): void;
}

export const MEMBERSHIP = 'org.matrix.msc3401.call.member';
export const MEMBER = 'm.room.member';
/** Which room of Grotto belongs to this one; the server's bot says so. */
export const CALL = 'io.github.grotto-meet.call';
export const SFU = 'io.github.grotto-meet.sfu';
export const SECRET_REQUEST = 'io.github.grotto-meet.secret_request';
export const SECRET = 'io.github.grotto-meet.secret';
export const MESSAGE = 'io.github.grotto-meet.message';
