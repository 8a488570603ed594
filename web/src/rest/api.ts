// Made from the OpenAPI document by `go test ./internal/api -update`. Do not edit.

export interface Delivery {
  created_at: string;
  event: string;
  id: string;
  next_try: string;
  /** Of the last try. */
  problem?: string;
  tries: number;
}

export interface ErrorDetail {
  /** Where the error occurred, e.g. 'body.items[3].tags' or 'path.thing-id' */
  location?: string;
  /** Error message text */
  message?: string;
  /** The value at the given location */
  value?: unknown;
}

export interface ErrorModel {
  /** A human-readable explanation specific to this occurrence of the problem. */
  detail?: string;
  /** Optional list of individual error details */
  errors?: ErrorDetail[];
  /** A URI reference that identifies the specific occurrence of the problem. */
  instance?: string;
  /** HTTP status code */
  status?: number;
  /** A short, human-readable summary of the problem type. This value should not change between occurrences of the error. */
  title?: string;
  /** A URI reference to human-readable documentation for the error. */
  type?: string;
}

export interface Event {
  data: EventData;
  timestamp: string;
  type: 'session_started' | 'session_ended' | 'participant_joined' | 'participant_left' | 'test';
}

export interface EventData {
  friendly_url?: string;
  /** Of participant_joined and participant_left. */
  participant?: Participant;
  room_id?: string;
  /** Of session_ended. */
  session?: Session;
  session_id?: string;
}

export interface LiveRoom {
  friendly_url: string;
  is_closed: boolean;
  is_locked: boolean;
  participants: number;
  /** Missing where nobody made the room. */
  room_id?: string;
  session_id: string;
  started_at: string;
  /** How many knock. */
  waiting: number;
}

export interface Load {
  /** WebSockets. */
  connections: number;
  participants: number;
  /** With somebody in them. */
  rooms: number;
  version: string;
}

export interface Mute {
  source?: 'mic' | 'camera' | 'screen';
}

export interface PageDelivery {
  data: Delivery[];
  /** How many there are in all. */
  total_count: number;
}

export interface PageLiveRoom {
  data: LiveRoom[];
  /** How many there are in all. */
  total_count: number;
}

export interface PageParticipant {
  data: Participant[];
  /** How many there are in all. */
  total_count: number;
}

export interface PageRoom {
  data: Room[];
  /** How many there are in all. */
  total_count: number;
}

export interface PageSession {
  data: Session[];
  /** How many there are in all. */
  total_count: number;
}

export interface PageString {
  data: string[];
  /** How many there are in all. */
  total_count: number;
}

export interface PageWebhook {
  data: Webhook[];
  /** How many there are in all. */
  total_count: number;
}

export interface Participant {
  /** The connection dropped a moment ago. */
  away: boolean;
  /** Always true. */
  e2ee: boolean;
  /** Of the join token, where this server made it for somebody who came from Matrix. */
  external_device?: string;
  /** Of the join token. */
  external_id?: string;
  friendly_url: string;
  /** New whenever somebody joins. */
  id: string;
  joined_at: string;
  role: string;
  session_id: string;
}

export interface Room {
  breakout_rooms_enabled: boolean;
  captions_enabled: boolean;
  chat_enabled: boolean;
  created_at: string;
  default_role: string;
  description: string;
  /** Always true. */
  e2ee_enabled: boolean;
  external_id: string;
  file_sharing_enabled: boolean;
  friendly_url: string;
  id: string;
  is_closed: boolean;
  is_locked: boolean;
  join_screen_enabled: boolean;
  /** Where it is. It is whole only with a # and 16 random bytes (base64url, no padding) behind it, drawn by whoever hands it out: the server must not know them. */
  link: string;
  /** 0: as many as the server allows. */
  max_participants: number;
  polls_enabled: boolean;
  privacy: 'public' | 'private';
  private_chat_enabled: boolean;
  raise_hand_enabled: boolean;
  reactions_enabled: boolean;
  recordings_enabled: boolean;
  roles: string[];
  screenshare_enabled: boolean;
  /** Minutes; 0: without end. */
  session_length: number;
  topic: string;
  /** Always false. */
  transcription_enabled: boolean;
  updated_at: string;
  virtual_backgrounds_enabled: boolean;
}

export interface RoomSettings {
  /** Whether moderators can divide the meeting into smaller rooms. */
  breakout_rooms_enabled?: boolean;
  /** Whether what people say can be written down, on their own devices. */
  captions_enabled?: boolean;
  /** Whether people can write to everybody. */
  chat_enabled?: boolean;
  /** The role of whoever comes without a token, or with one that names none. Empty: the first who comes moderates, the others are participants. */
  default_role?: 'moderator' | 'participant' | 'viewer' | '';
  /** What else there is to say of it. The server knows it. */
  description?: string;
  /** Always true: there is no way to switch end-to-end encryption off. */
  e2ee_enabled?: boolean;
  /** What you call it. */
  external_id?: string;
  /** Whether people can send files. */
  file_sharing_enabled?: boolean;
  /** The room's name in its link: 3 to 64 of a-z, 0-9 and -, without --. Drawn if it is missing. live is taken. */
  friendly_url?: string;
  /** Nobody new comes in at all. */
  is_closed?: boolean;
  /** People knock, and a moderator lets them in. */
  is_locked?: boolean;
  /** Whether there is a lobby before the call. Without one, the room's link leads people whose name is known straight in, with microphone and camera off. */
  join_screen_enabled?: boolean;
  /** How many devices may be in it; 0: as many as the server allows. */
  max_participants?: number;
  /** Whether there are polls. */
  polls_enabled?: boolean;
  /** public: whoever has the link comes in. private: a join token is needed, too. */
  privacy?: 'public' | 'private';
  /** Whether people can write to one another. */
  private_chat_enabled?: boolean;
  /** Whether people can raise their hands. */
  raise_hand_enabled?: boolean;
  /** Whether people can react with emoji. */
  reactions_enabled?: boolean;
  /** Whether the page offers to record, on the device of whoever does. The server cannot record. */
  recordings_enabled?: boolean;
  /** The roles that join tokens for it may give; all if empty. */
  roles?: ('owner' | 'moderator' | 'participant' | 'viewer')[];
  /** Whether people can share their screens. */
  screenshare_enabled?: boolean;
  /** After how many minutes a meeting ends; 0: it does not end by itself. */
  session_length?: number;
  /** What the room is called in lists of the operator. The server knows it, so write no secret. */
  topic?: string;
  /** Always false: the server hears nothing that it could write down. */
  transcription_enabled?: boolean;
  /** Whether people can have another background. */
  virtual_backgrounds_enabled?: boolean;
}

export interface Session {
  /** Missing while it lasts, and where nobody knows. */
  ended_at?: string;
  friendly_url: string;
  id: string;
  /** Whether it lasts. A session without an end that is not live was cut off with the server. */
  live: boolean;
  /** How long they stayed, together. */
  participant_seconds: number;
  /** Devices at a time. */
  peak_participants: number;
  room_id: string;
  started_at: string;
  /** How often somebody joined. */
  total_participants: number;
}

export interface Statistics {
  participant_seconds: number;
  /** Of the largest session. */
  peak_participants: number;
  sessions: number;
  total_participants: number;
}

export interface Token {
  expires_at: string;
  /** By which it is revoked. */
  id: string;
  /** The room's link with the token in it; still without the secret behind the #. */
  link: string;
  /** A secret: whoever has it comes in by it. */
  token: string;
}

export interface TokenSettings {
  /** Seconds for which it is good. When it expires the session that it opened ends, too. */
  expires_in?: number;
  /** What you call the person. Two devices of one person may use the same token. Nobody in the meeting is told. */
  external_id?: string;
  /** One of the room's roles. Its default role if missing. */
  role?: 'owner' | 'moderator' | 'participant' | 'viewer';
}

export interface Webhook {
  created_at: string;
  /** Also set by the server, when the address answered 410. */
  disabled: boolean;
  events: string[];
  id: string;
  /** Signs what is sent. It is shown once, when the webhook is made. */
  secret?: string;
  url: string;
}

export interface WebhookSettings {
  /** Nothing is sent. */
  disabled?: boolean;
  /** Which; all if empty. */
  events?: ('session_started' | 'session_ended' | 'participant_joined' | 'participant_left')[];
  /** Where events are sent to: https://, and an address on the internet. */
  url?: string;
}

/** Where each operation is: its method, and its path with what stands in braces to be filled in. */
export const operations = {
  listEvents: ['GET', '/events'],
  getLoad: ['GET', '/load'],
  listRoles: ['GET', '/roles'],
  listRooms: ['GET', '/rooms'],
  createRoom: ['POST', '/rooms'],
  listLiveRooms: ['GET', '/rooms/live'],
  listLiveParticipants: ['GET', '/rooms/live/participants'],
  getRoom: ['GET', '/rooms/{room}'],
  updateRoom: ['PATCH', '/rooms/{room}'],
  deleteRoom: ['DELETE', '/rooms/{room}'],
  getLiveRoom: ['GET', '/rooms/{room}/live'],
  listParticipants: ['GET', '/rooms/{room}/live/participants'],
  removeParticipant: ['DELETE', '/rooms/{room}/live/participants/{participant}'],
  muteParticipant: ['POST', '/rooms/{room}/live/participants/{participant}/mute'],
  listRoomSessions: ['GET', '/rooms/{room}/sessions'],
  getRoomStatistics: ['GET', '/rooms/{room}/statistics'],
  createToken: ['POST', '/rooms/{room}/token'],
  listSessions: ['GET', '/sessions'],
  getSession: ['GET', '/sessions/{session}'],
  endSession: ['POST', '/sessions/{session}/end'],
  getStatistics: ['GET', '/statistics'],
  revokeToken: ['DELETE', '/tokens/{token}'],
  listWebhooks: ['GET', '/webhooks'],
  createWebhook: ['POST', '/webhooks'],
  getWebhook: ['GET', '/webhooks/{webhook}'],
  updateWebhook: ['PATCH', '/webhooks/{webhook}'],
  deleteWebhook: ['DELETE', '/webhooks/{webhook}'],
  listDeliveries: ['GET', '/webhooks/{webhook}/deliveries'],
  testWebhook: ['POST', '/webhooks/{webhook}/test'],
} as const;
