/** The types of external_api.js. Names and shapes are Jitsi's where it has them. */

type GrottoKey = Uint8Array | ArrayBuffer | CryptoKey;

interface GrottoOptions {
  /** The room's name in its link: 3 to 64 of a-z, 0-9 and -. */
  roomName: string;
  parentNode?: Element;
  width?: number | string;
  height?: number | string;
  /** What screen readers call the frame. */
  title?: string;
  /** en, de, fr or es, unless the person chose another in the room. */
  lang?: string;
  /** A join token, for a server that asks for one; others refuse it. It stands in no address. */
  jwt?: string;
  userInfo?: { displayName?: string };
  /** The part of a link behind the #: newSecret() makes one. Without it, and without `keys`, people are asked for the link. */
  secret?: string;
  /** Keys come from this page by setSharedKey or setParticipantKey; then there is no secret. */
  keys?: 'shared' | 'per_participant';
  configOverwrite?: {
    /** With `enabled: false` and a display name there is no lobby. */
    prejoinConfig?: { enabled: boolean };
    /** Without the lobby microphone and camera are off unless these say `false`. */
    startWithAudioMuted?: boolean;
    startWithVideoMuted?: boolean;
    /** As `keys: 'shared'`. */
    e2ee?: { externallyManagedKey?: boolean };
    /** As `lang`. */
    defaultLanguage?: string;
    /** Lines of the picture one sends. */
    resolution?: number;
    /** No pictures are received. */
    startAudioOnly?: boolean;
  };
  /** What else Jitsi has is refused by errorOccurred, with the reason; the room is there all the same. */
  interfaceConfigOverwrite?: object;
  onload?: () => void;
  /** http in place of https: for a server on this machine. */
  noSSL?: boolean;
}

interface GrottoParticipant {
  participantId: string;
  displayName: string;
  local: boolean;
  audioMuted: boolean;
  videoMuted: boolean;
  /** When, ms since 1970; 0 where it is down. */
  handRaised: number;
  /** owner, moderator, participant or viewer. */
  role: string;
  /** Of their keys: new, known, verified, changed_key, outside_key, waiting_for_key, cannot_decrypt, wrong_secret, refused, blocked. */
  state: string;
}

/** A breakout room that was opened here. */
interface GrottoBreakoutRoom {
  id: string;
  name: string;
  /** Who was sent there, by ids that are good for `sendParticipantToRoom`. */
  participants: { id: string; displayName: string }[];
}

interface GrottoEvents {
  videoConferenceJoined: { roomName: string; id: string; displayName: string };
  videoConferenceLeft: { roomName: string };
  readyToClose: Record<string, never>;
  /** The room has no secret, or a wrong one: the command `password` gives it one. */
  passwordRequired: Record<string, never>;
  breakoutRoomsUpdated: { rooms: GrottoBreakoutRoom[] };
  participantJoined: { id: string; displayName: string };
  participantLeft: { id: string };
  participantKickedOut: { kicked: { id: string; local: boolean }; kicker: Record<string, never> };
  participantMuted: { participantId: string; isMuted: boolean; mediaType: 'audio' | 'video' };
  participantRoleChanged: { id: string; role: string };
  knockingParticipant: { participant: { id: string; name: string } };
  tileViewChanged: { enabled: boolean };
  displayNameChange: { id: string; displayname: string };
  audioMuteStatusChanged: { muted: boolean };
  videoMuteStatusChanged: { muted: boolean };
  screenSharingStatusChanged: { on: boolean };
  dominantSpeakerChanged: { id: string };
  raiseHandUpdated: { id: string; handRaised: number };
  incomingMessage: { from: string; nick: string; message: string; privateMessage: boolean };
  outgoingMessage: { message: string; privateMessage: boolean };
  recordingStatusChanged: { on: boolean; mode: 'local' };
  errorOccurred: { error: { name: string; message: string; isFatal?: boolean } };
  e2eeStateChanged: { state: 'ok' | 'attention' | 'broken' };
  participantVerified: { id: string };
  decryptFailure: { id: string };
}

declare class GrottoExternalAPI {
  static newSecret(): string;
  constructor(domain: string, options: GrottoOptions);
  executeCommand(name: string, ...args: unknown[]): Promise<void>;
  executeCommands(commands: Record<string, unknown[]>): void;
  setSharedKey(key: { generation: number; key: GrottoKey }): Promise<void>;
  setParticipantKey(participantId: string, key: { generation: number; key: GrottoKey }): Promise<void>;
  setMediaEncryptionKey(key: { index: number; encryptionKey: GrottoKey }): Promise<void>;
  listBreakoutRooms(): Promise<Record<string, GrottoBreakoutRoom>>;
  on<Name extends keyof GrottoEvents>(name: Name, listener: (data: GrottoEvents[Name]) => void): this;
  once<Name extends keyof GrottoEvents>(name: Name, listener: (data: GrottoEvents[Name]) => void): this;
  off<Name extends keyof GrottoEvents>(name: Name, listener?: (data: GrottoEvents[Name]) => void): this;
  addListener<Name extends keyof GrottoEvents>(name: Name, listener: (data: GrottoEvents[Name]) => void): this;
  removeListener<Name extends keyof GrottoEvents>(name: Name, listener?: (data: GrottoEvents[Name]) => void): this;
  getParticipantsInfo(): GrottoParticipant[];
  getNumberOfParticipants(): number;
  getDisplayName(participantId: string): string | undefined;
  isAudioMuted(): Promise<boolean>;
  isVideoMuted(): Promise<boolean>;
  getE2EEState(): 'ok' | 'attention' | 'broken';
  getIFrame(): HTMLIFrameElement;
  dispose(): void;
}
