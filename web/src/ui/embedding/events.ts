/** What happened, in the words of those who have a room in their page: by comparing how it was with how it is. */
import type { BreakoutRoom, ChatLine, KnockView, Meeting, Problem, TileView } from '../../call/view.ts';
import { idOf } from './breakout_commands.ts';
import { type Breakout, type Mirror, type Participant, participantId } from './protocol.ts';

export interface RoomEvent {
  name: string;
  data: Record<string, unknown>;
}

/** All that events are made of. */
export interface Seen extends Mirror {
  room: string;
  joined: boolean; // in the call, or coming back into it
  over: boolean;
  asking: boolean; // for the secret
  speaker: string | null;
  recording: boolean;
  grid: boolean;
  knocks: readonly KnockView[];
  lines: readonly ChatLine[];
  problem: Problem | null;
}

export function look(meeting: Meeting, asking: boolean): Seen {
  const cameras = meeting.tiles.value.filter(({ kind }) => kind === 'camera');
  const phase = meeting.phase.value;
  const speaker = cameras.find(({ speaking, self }) => speaking && !self) ?? cameras.find(({ speaking }) => speaking);
  return {
    room: meeting.slug,
    phase,
    joined: phase === 'in_call' || phase === 'reconnecting',
    over: phase === 'left' || phase === 'failed',
    asking,
    encryption: meeting.encryption.value.state,
    participants: cameras.map((tile) => participant(meeting, tile)),
    audioMuted: !meeting.mic.value,
    videoMuted: !meeting.camera.value,
    screenSharing: meeting.screen.value,
    breakouts: meeting.breakouts.rooms.value.map(breakout),
    speaker: speaker ? participantId(speaker) : null,
    recording: meeting.recording.on.value,
    grid: meeting.stage.layout.value === 'grid',
    knocks: meeting.moderation.knocks.value,
    lines: meeting.chat.value,
    problem: meeting.problem.value,
  };
}

/** One's own switches, which one's tile follows a moment later. */
function own({ mic, camera }: Meeting) {
  return { mic: mic.value, camera: camera.value };
}

function participant(meeting: Meeting, tile: TileView): Participant {
  const { name, self, hand, state } = tile;
  const { mic, camera } = self ? own(meeting) : tile;
  const role = meeting.moderation.roleOf(tile);
  const said = { displayName: name, local: self, audioMuted: !mic, videoMuted: !camera, handRaised: hand, role, state };
  return { participantId: participantId(tile), ...said };
}

function breakout(room: BreakoutRoom): Breakout {
  const participants = room.people.map(({ id, name }) => ({ id, displayName: name }));
  return { id: idOf(room), name: room.name, participants };
}

export function mirrorOf(seen: Seen): Mirror {
  const { phase, encryption, participants, audioMuted, videoMuted, screenSharing, breakouts } = seen;
  return { phase, encryption, participants, audioMuted, videoMuted, screenSharing, breakouts };
}

/** The events between two looks, in an order in which they make sense. */
export function changes(before: Seen, now: Seen): RoomEvent[] {
  const events: RoomEvent[] = [];
  const tell = (name: string, data: Record<string, unknown>) => void events.push({ name, data });
  const self = now.participants.find(({ local }) => local);
  if (now.asking && !before.asking) tell('passwordRequired', {});
  // Joined once one's own name and id are there to tell.
  const here = now.joined && self !== undefined;
  const wasHere = before.joined && before.participants.some(({ local }) => local);
  if (here && !wasHere) {
    tell('videoConferenceJoined', { roomName: now.room, id: self.participantId, displayName: self.displayName });
  }
  if (here || wasHere) people(before, now, tell);
  if (here && before.encryption !== now.encryption) tell('e2eeStateChanged', { state: now.encryption });
  switches(before, now, tell);
  if (now.speaker !== null && now.speaker !== before.speaker) tell('dominantSpeakerChanged', { id: now.speaker });
  const knew = new Set(before.knocks.map(({ id }) => id));
  for (const { id, name } of now.knocks) {
    if (!knew.has(id)) tell('knockingParticipant', { participant: { id: String(id), name: name ?? '' } });
  }
  const last = before.lines.at(-1)?.id ?? 0;
  for (const line of now.lines) if (line.id > last) tell(...lineEvent(line));
  if (now.problem && now.problem !== before.problem) {
    const { code, message } = now.problem;
    if (code === 'removed') tell('participantKickedOut', { kicked: { id: selfId(before), local: true }, kicker: {} });
    tell('errorOccurred', { error: { name: code, message, isFatal: now.phase === 'failed' } });
  }
  if (now.over && before.joined) {
    tell('videoConferenceLeft', { roomName: now.room });
    tell('readyToClose', {});
  }
  return events;
}

type Tell = (name: string, data: Record<string, unknown>) => void;

function people(before: Seen, now: Seen, tell: Tell): void {
  const others = (seen: Seen) => (seen.joined ? seen.participants.filter(({ local }) => !local) : []);
  const were = new Map(others(before).map((p) => [p.participantId, p]));
  const are = new Set(others(now).map(({ participantId: id }) => id));
  for (const id of were.keys()) if (!are.has(id)) tell('participantLeft', { id });
  for (const p of others(now)) {
    const was = were.get(p.participantId);
    if (!was) tell('participantJoined', { id: p.participantId, displayName: p.displayName });
    person(was, p, tell);
  }
  const self = (seen: Seen) => seen.participants.find(({ local }) => local);
  const was = self(before);
  const is = self(now);
  if (was && is) person(was, is, tell);
}

function person(was: Participant | undefined, is: Participant, tell: Tell): void {
  const id = is.participantId;
  if (was && was.displayName !== is.displayName) tell('displayNameChange', { id, displayname: is.displayName });
  if ((was?.handRaised ?? 0) !== is.handRaised) tell('raiseHandUpdated', { id, handRaised: is.handRaised });
  if (was && !is.local) {
    const muted = (isMuted: boolean, mediaType: string) =>
      tell('participantMuted', { participantId: id, isMuted, mediaType });
    if (was.audioMuted !== is.audioMuted) muted(is.audioMuted, 'audio');
    if (was.videoMuted !== is.videoMuted) muted(is.videoMuted, 'video');
  }
  if (was && was.role !== is.role) tell('participantRoleChanged', { id, role: is.role });
  if (was?.state === is.state) return;
  if (is.state === 'verified') tell('participantVerified', { id });
  if (is.state === 'cannot_decrypt') tell('decryptFailure', { id });
}

function switches(before: Seen, now: Seen, tell: Tell): void {
  if (before.audioMuted !== now.audioMuted) tell('audioMuteStatusChanged', { muted: now.audioMuted });
  if (before.videoMuted !== now.videoMuted) tell('videoMuteStatusChanged', { muted: now.videoMuted });
  if (before.screenSharing !== now.screenSharing) tell('screenSharingStatusChanged', { on: now.screenSharing });
  const rooms = now.breakouts;
  if (JSON.stringify(before.breakouts) !== JSON.stringify(rooms)) tell('breakoutRoomsUpdated', { rooms });
  if (before.grid !== now.grid) tell('tileViewChanged', { enabled: now.grid });
  if (before.recording !== now.recording) tell('recordingStatusChanged', { on: now.recording, mode: 'local' });
}

function lineEvent({ self, from, name, text, private: only }: ChatLine): [string, Record<string, unknown>] {
  if (self) return ['outgoingMessage', { message: text, privateMessage: only }];
  return ['incomingMessage', { from: participantId(from), nick: name, message: text, privateMessage: only }];
}

function selfId(seen: Seen): string {
  return seen.participants.find(({ local }) => local)?.participantId ?? '';
}
