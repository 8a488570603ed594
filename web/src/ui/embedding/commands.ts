/** What a page that has the room in a frame may ask for, by the names that embedders know from Jitsi. */
import type { Signal } from '@preact/signals';
import type { EngineClient } from '../../call/engine_client.ts';
import type { Meeting } from '../../call/view.ts';
import type { Recorder } from '../recording/recorder.ts';
import type { PanelName } from '../stage/panels.tsx';
import { deviceOf, fieldsOf, type ToRoom } from './protocol.ts';

export interface Target {
  meeting: Meeting;
  recorder: Recorder;
  panel: Signal<PanelName | null>;
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
  pinParticipant: ({ meeting }, [id]) => {
    if (id === undefined || id === null || id === '') return meeting.pin(null);
    const { user, device } = deviceOf(id);
    const tile = meeting.tiles.value.find((t) => t.kind === 'camera' && t.user === user && t.device === device);
    if (!tile) throw new Error('nobody of this id is here');
    meeting.pin(tile.key);
  },
  kickParticipant: ({ meeting }, [id]) => meeting.remove(deviceOf(id), false),
  toggleTileView: ({ meeting: { stage } }) => stage.setLayout(stage.layout.value === 'grid' ? 'speaker' : 'grid'),
  setVideoQuality: ({ meeting }, [height]) => {
    const steps = [1080, 720, 360, 180] as const;
    if (typeof height !== 'number') throw new Error('a height in pixels is missing');
    meeting.devices.setResolution(steps.find((step) => step <= height) ?? 180);
  },
  muteEveryone: ({ meeting }, [what]) =>
    meeting.moderation.switchAllOff(what === 'video' ? 'camera' : what === 'desktop' ? 'screen' : 'mic'),
  grantModerator: ({ meeting }, [id]) => meeting.moderation.setRole(deviceOf(id), 'moderator'),
  toggleLobby: ({ meeting }, [on]) => meeting.moderation.setWaitingRoom(on === true),
  toggleLock: ({ meeting }, [on]) => meeting.moderation.setLocked(on === true),
  answerKnockingParticipant: ({ meeting }, [id, approved]) => meeting.moderation.admit(Number(id), approved === true),
  endConference: ({ meeting }) => meeting.moderation.endForEveryone(),
  startRecording: ({ recorder }, [options]) => recorder.start(fieldsOf(options).view === 'own' ? 'view' : 'everybody'),
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

/** The names, for the page to know beforehand. */
export const commandNames: readonly string[] = Object.keys(acts);

export async function obey(target: Target, { name, args }: ToRoom): Promise<void> {
  const act = Object.hasOwn(acts, name) ? acts[name] : undefined;
  if (!act) throw new Error(`there is no command ${name.slice(0, 64)}`);
  await act(target, args);
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
