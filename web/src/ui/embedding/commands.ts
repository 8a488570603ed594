/** What a page that has the room in a frame may ask for, by the names that embedders know from Jitsi. */
import type { Signal } from '@preact/signals';
import type { EngineClient } from '../../call/engine_client.ts';
import { cleanName } from '../../call/profile.ts';
import type { Feature } from '../../call/terms.ts';
import { type Meeting, moderates, type TileView } from '../../call/view.ts';
import type { Recorder } from '../recording/recorder.ts';
import type { PanelName } from '../stage/panels.tsx';
import { add, go, send, shareOut } from './breakout_commands.ts';
import { configure, resolutionFor } from './config.ts';
import type { Opening } from './opening.ts';
import { deviceOf, fieldsOf, type ToRoom } from './protocol.ts';
import * as refusals from './refusals.ts';

export interface Target {
  meeting: Meeting;
  recorder: Recorder;
  panel: Signal<PanelName | null>;
  /** What the name field begins with. */
  name: Signal<string>;
  opening: Pick<Opening, 'give'>;
  /** Where keys are set from outside; rejects where they are not. */
  engine(): Promise<EngineClient>;
  keys: 'shared' | 'per_participant' | null;
}

type Act = (target: Target, args: unknown[]) => void | Promise<void>;

const acts: Record<string, Act> = {
  toggleAudio: ({ meeting }) => meeting.setMicrophone(!meeting.mic.value),
  toggleVideo: ({ meeting }) => meeting.setCamera(!meeting.camera.value),
  toggleShareScreen: ({ meeting }) => meeting.setScreen(!meeting.screen.value),
  toggleRaiseHand: ({ meeting }) => meeting.setHand(!meeting.hand.value),
  toggleChat: (target) => toggle(target, 'chat'),
  toggleParticipantsPane: (target) => toggle(target, 'people'),
  hangup: ({ meeting }) => {
    const phase = meeting.phase.value;
    if (phase !== 'lobby' && phase !== 'left' && phase !== 'failed') meeting.leave();
  },
  sendChatMessage: ({ meeting }, [message, to]) => {
    const device = to === undefined || to === '' || to === null ? undefined : deviceOf(to);
    return meeting.say(text(message), device);
  },
  sendReaction: ({ meeting }, [emoji]) => meeting.react(text(emoji)),
  pinParticipant: pin,
  setLargeVideoParticipant: pin,
  displayName: ({ meeting, name }, [wanted]) => {
    const clean = cleanName(text(wanted));
    if (clean === '') throw new Error('a name is missing');
    name.value = clean;
    meeting.setName(clean);
  },
  password: ({ keys, opening }, [secret]) => {
    if (keys) throw new Error('the keys of this room come from your page: there is no secret');
    return opening.give(text(secret));
  },
  setFollowMe: (target, [on]) => moderator(target).follow.lead(on === true),
  overwriteConfig: async ({ meeting }, [config]) => {
    const refused = await configure(meeting, fieldsOf(config), false);
    if (refused.length > 0) throw new Error(refused.join('; '));
  },
  kickParticipant: ({ meeting }, [id]) => meeting.remove(deviceOf(id), false),
  toggleTileView: ({ meeting: { stage } }) => stage.setLayout(stage.layout.value === 'grid' ? 'speaker' : 'grid'),
  setTileView: ({ meeting: { stage } }, [on]) => stage.setLayout(on === true ? 'grid' : 'speaker'),
  setVideoQuality: ({ meeting }, [height]) => meeting.devices.setResolution(resolutionFor(height)),
  setAudioOnly: ({ meeting }, [on]) => meeting.stage.setSoundOnly(on === true),
  setParticipantVolume: ({ meeting }, [id, level]) => {
    if (typeof level !== 'number') throw new Error('how loud is missing: 0 to 1');
    meeting.stage.setVolume(tileOf(meeting, id), { level, muted: level === 0 });
  },
  setNoiseSuppressionEnabled: ({ meeting: { devices } }, [options]) => {
    if (!devices.can.suppressNoise) throw new Error('this browser takes no noise out of a voice');
    devices.setNoise(fieldsOf(options).enabled === true);
  },
  setBlurredBackground: ({ meeting: { devices } }, [type]) => {
    if (!devices.can.hideBackground) throw new Error('this browser cannot hide a background');
    return devices.setBackground(type ? 'blur' : 'none');
  },
  toggleSubtitles: ({ meeting: { captions } }) => captions.show(!captions.on.value),
  muteEveryone: (target, [what]) =>
    moderator(target).moderation.switchAllOff(what === 'video' ? 'camera' : what === 'desktop' ? 'screen' : 'mic'),
  grantModerator: (target, [id]) => moderator(target).moderation.setRole(deviceOf(id), 'moderator'),
  toggleLobby: (target, [on]) => moderator(target).moderation.setWaitingRoom(on === true),
  toggleLock: (target, [on]) => moderator(target).moderation.setLocked(on === true),
  answerKnockingParticipant: (target, [id, approved]) =>
    moderator(target).moderation.admit(Number(id), approved === true),
  endConference: (target) => moderator(target).moderation.endForEveryone(),
  autoAssignToBreakoutRooms: (target, [rooms]) => shareOut(moderator(target), rooms),
  addBreakoutRoom: (target) => add(moderator(target)),
  sendParticipantToRoom: (target, [id, room]) => send(moderator(target), id, room),
  closeBreakoutRooms: (target) => moderator(target).breakouts.close(),
  joinBreakoutRoom: ({ meeting }) => go(meeting),
  startRecording: ({ recorder }, [options]) => {
    const { mode = 'local', view } = fieldsOf(options);
    if (mode !== 'local') throw new Error(reason(refusals.recordings, mode) ?? `there is no way to record by ${mode}`);
    return recorder.start(view === 'own' ? 'view' : 'everybody');
  },
  stopRecording: ({ recorder }) => recorder.stop(),
  toggleE2EE: (_, [on]) => {
    if (on === false) throw new Error('encryption cannot be switched off: there is no unencrypted mode');
  },
  setSharedKey: async (target, [key]) => {
    if (target.keys !== 'shared') throw new Error('this room was not opened with a shared key');
    const { generation, bytes } = keyOf(key);
    await (await target.engine()).setKey(generation, bytes);
  },
  setParticipantKey: async (target, [id, key]) => {
    if (target.keys !== 'per_participant') throw new Error('this room was not opened with a key for each participant');
    const { generation, bytes } = keyOf(key);
    await (await target.engine()).setKey(generation, bytes, deviceOf(id).user);
  },
};

/** What the room may be without, see TermsView. */
const needs: Partial<Record<keyof typeof acts, Feature>> = {
  toggleShareScreen: 'screenshare',
  toggleRaiseHand: 'raise_hand',
  toggleChat: 'chat',
  sendChatMessage: 'chat',
  sendReaction: 'reactions',
  toggleSubtitles: 'captions',
  startRecording: 'recording',
  addBreakoutRoom: 'breakout_rooms',
  autoAssignToBreakoutRooms: 'breakout_rooms',
};

/** The names, for the page to know beforehand. */
export const commandNames: readonly string[] = Object.keys(acts);

export async function obey(target: Target, { name, args }: ToRoom): Promise<void> {
  const act = Object.hasOwn(acts, name) ? acts[name] : undefined;
  const short = name.slice(0, 64);
  const why = reason(refusals.commands, name);
  if (!act) throw new Error(why ? `${short} is not to be had: ${why}` : `there is no command ${short}`);
  const feature = needs[name];
  if (feature && !target.meeting.terms.has(feature))
    throw new Error('who runs the server switched this off in the room');
  await act(target, args);
}

function reason(reasons: Readonly<Record<string, string>>, name: unknown): string | undefined {
  return typeof name === 'string' && Object.hasOwn(reasons, name) ? reasons[name] : undefined;
}

/** The meeting, to whoever moderates it. The server and the others ask again. */
function moderator({ meeting }: Target): Meeting {
  if (!moderates(meeting.moderation.role.value)) throw new Error('this is for moderators of the room');
  return meeting;
}

function pin({ meeting }: Target, [id]: unknown[]): void {
  if (id === undefined || id === null || id === '') return meeting.pin(null);
  meeting.pin(tileOf(meeting, id).key);
}

function tileOf(meeting: Meeting, id: unknown): TileView {
  const { user, device } = deviceOf(id);
  const tile = meeting.tiles.value.find((t) => t.kind === 'camera' && t.user === user && t.device === device);
  if (!tile) throw new Error('nobody of this id is here');
  return tile;
}

function toggle({ panel }: Target, name: PanelName): void {
  panel.value = panel.value === name ? null : name;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error('a text is missing');
  return value;
}

function keyOf(value: unknown): { generation: number; bytes: Uint8Array } {
  const { generation, key } = fieldsOf(value);
  const bytes = key instanceof ArrayBuffer ? new Uint8Array(key) : key;
  if (typeof generation !== 'number' || !(bytes instanceof Uint8Array)) {
    throw new Error('a key is {generation, key}: a number, and 32 random bytes or more');
  }
  return { generation, bytes };
}
