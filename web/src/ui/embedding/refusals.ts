/** Of what embedders know from Jitsi, what there cannot be here, and why: a page that asks for it is told, by name. */

const SERVER_SEES_NOTHING = 'the server cannot open what is said and shown';

export const options: Readonly<Record<string, string>> = {
  interfaceConfigOverwrite: 'the room looks the same everywhere, so that nobody takes one for another',
  invitees: 'nobody is called by telephone, which is not encrypted: send people the link of your page',
  devices: 'browsers name devices only to a page that may use them: people choose in the lobby and in the settings',
  release: 'a server has one version of the room',
  'userInfo.email': 'people have a name here and nothing else',
  'userInfo.avatarUrl': 'a picture from elsewhere would tell its server who is in the room',
};

export const commands: Readonly<Record<string, string>> = {
  email: 'people have a name here and nothing else',
  avatarUrl: 'a picture from elsewhere would tell its server who is in the room',
  subject: 'a room goes by the name in its link',
  localSubject: 'a room goes by the name in its link',
  overwriteNames: 'people are called what they call themselves, sealed',
  startShareVideo: 'the room loads nothing from other servers: share a tab, with its sound',
  stopShareVideo: 'the room loads nothing from other servers: share a tab, with its sound',
  askToUnmute: 'nobody but themselves switches anybody on: write to them',
  toggleModeration: 'nobody needs leave to speak: muteEveryone switches off what others send',
  closeBreakoutRoom: 'breakout rooms close together: closeBreakoutRooms',
  removeBreakoutRoom: 'breakout rooms close together: closeBreakoutRooms',
  startTranscription: SERVER_SEES_NOTHING,
};

/** Of the config; a name not here and not in config.ts is one that the room does not know. */
export const config: Readonly<Record<string, string>> = {
  'e2ee.disabled': 'there is no unencrypted mode',
  'e2ee.labels': 'what is said of encryption is the same everywhere',
  fileRecordingsEnabled: SERVER_SEES_NOTHING,
  recordingService: SERVER_SEES_NOTHING,
  liveStreamingEnabled: SERVER_SEES_NOTHING,
  liveStreaming: SERVER_SEES_NOTHING,
  transcription: SERVER_SEES_NOTHING,
  toolbarButtons: 'the room looks the same everywhere, so that nobody takes one for another',
};

/** Of a recording: where it would be made. */
export const recordings: Readonly<Record<string, string>> = {
  file: `${SERVER_SEES_NOTHING}: {mode: 'local'} records on this device`,
  stream: `${SERVER_SEES_NOTHING}: share the window with a program that streams`,
};
