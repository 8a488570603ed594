/** The states the gallery shows, each a fake meeting. */
import type { Problem } from '../../src/call/view.ts';
import { selfPlace } from '../../src/ui/stage/self_place.ts';
import { type FakeMeeting, fakeMeeting, fakeTile } from './fake.ts';
import { call, crowd, drawnPerson, drawnScreen, speak } from './pictures.ts';

const problem = (code: string): Problem => ({ code, message: code });

export const scenes: Record<string, () => FakeMeeting> = {
  lobby: () => fakeMeeting('lobby'),
  'lobby-insecure': () => fakeMeeting('lobby', problem('insecure_context')),
  'lobby-no-transform': () => fakeMeeting('lobby', problem('no_transform')),
  'lobby-no-secret': () => fakeMeeting('lobby', problem('no_secret')),
  'call-1': () => call(1),
  'call-2': () => call(2),
  'call-5': () => call(5),
  'call-9': () => call(9),
  'call-screen': () => {
    const meeting = call(5);
    meeting.tiles.value = [
      ...meeting.tiles.value,
      fakeTile(1, { key: 'screen-1', kind: 'screen', video: drawnScreen() }),
    ];
    return meeting;
  },
  'call-own-screen': () => {
    const meeting = call(3);
    meeting.screen.value = true;
    meeting.tiles.value = [
      ...meeting.tiles.value,
      fakeTile(0, { key: 'screen-0', kind: 'screen', self: true, video: drawnScreen() }),
    ];
    return meeting;
  },
  'call-states': () => {
    const meeting = call(1);
    meeting.encryption.value = { state: 'attention', sentenceKey: '', count: 3 };
    meeting.tiles.value = [
      ...meeting.tiles.value,
      fakeTile(1, { state: 'waiting_for_key', name: '', mic: false }),
      fakeTile(2, { state: 'cannot_decrypt', camera: true, video: drawnPerson(2) }),
      fakeTile(3, { state: 'wrong_secret', name: '', mic: false }),
      fakeTile(4, { state: 'refused' }),
      fakeTile(5, { mic: false }),
    ];
    return meeting;
  },
  'call-speaking': () => {
    const meeting = call(5);
    meeting.tiles.value = meeting.tiles.value.map((tile, i) => ({
      ...tile,
      speaking: i === 1 || i === 2,
      paused: i > 3,
    }));
    return meeting;
  },
  'call-screen-paused': () => {
    const meeting = call(4);
    const tiles = meeting.tiles.value.map((tile, i) => ({ ...tile, speaking: i === 1, paused: i > 2 }));
    meeting.tiles.value = [
      ...tiles,
      fakeTile(1, { key: 'screen-1', kind: 'screen', video: drawnScreen(), paused: true }),
    ];
    return meeting;
  },
  'call-recorded': () => {
    const meeting = call(4);
    meeting.tiles.value = meeting.tiles.value.map((tile, i) => ({ ...tile, recording: i === 2 }));
    return meeting;
  },
  'call-pinned': () => {
    const meeting = call(5);
    meeting.pinned.value = meeting.tiles.value[1]?.key ?? null;
    return meeting;
  },
  'call-speaker': () => {
    const meeting = call(7);
    meeting.stage.setLayout('speaker');
    speak(meeting, 3);
    return meeting;
  },
  'call-50': () => crowd(50),
  'call-50-speaker': () => {
    const meeting = crowd(50);
    meeting.stage.setLayout('speaker');
    speak(meeting, 4);
    return meeting;
  },
  'call-corner': () => {
    selfPlace.value = 'corner'; // not stored: other scenes are as they were
    return call(5);
  },
  'call-2-screens': () => {
    const meeting = call(4);
    const screens = [1, 2].map((n) => fakeTile(n, { key: `screen-${n}`, kind: 'screen', video: drawnScreen() }));
    meeting.tiles.value = [...meeting.tiles.value, ...screens];
    return meeting;
  },
  'call-sound-only': () => {
    const meeting = call(4);
    const screen = fakeTile(1, { key: 'screen-1', kind: 'screen', video: drawnScreen() });
    meeting.tiles.value = [...meeting.tiles.value, screen];
    meeting.stage.setSoundOnly(true);
    return meeting;
  },
  'call-led': () => {
    const meeting = call(4);
    meeting.follow.leader.value = 'Ben Okafor';
    return meeting;
  },
  'call-weak': () => {
    const meeting = call(4);
    meeting.tiles.value = meeting.tiles.value.map((tile, i) => ({ ...tile, weak: i === 1 }));
    const hushed = meeting.tiles.value[3];
    if (hushed) meeting.stage.setVolume(hushed, { level: 1, muted: true });
    return meeting;
  },
  'call-muted-speaking': () => {
    const meeting = call(2);
    meeting.mic.value = false;
    meeting.stage.mutedHint.speaking.value = true;
    return meeting;
  },
  'call-unplayable': () => {
    const meeting = call(4);
    const tiles = meeting.tiles.value.map((tile, i) => (i === 2 ? { ...tile, unplayable: 'h264' as const } : tile));
    const screen = fakeTile(1, { key: 'screen-1', kind: 'screen', video: drawnScreen(), unplayable: 'av1' });
    meeting.tiles.value = [...tiles, screen];
    return meeting;
  },
  'call-roster': () => {
    const meeting = call(3);
    meeting.encryption.value = {
      state: 'attention',
      sentenceKey: 'encryption.sentence.roster_differs',
      count: 0,
      warning: 'roster_differs',
    };
    return meeting;
  },
  'call-broken': () => {
    const meeting = call(2);
    meeting.encryption.value = { state: 'broken', sentenceKey: '' };
    meeting.tiles.value = meeting.tiles.value.map((tile) => (tile.self ? { ...tile, state: 'engine_failed' } : tile));
    return meeting;
  },
  'call-muted': () => {
    const meeting = call(2);
    meeting.mic.value = false;
    meeting.camera.value = false;
    meeting.tiles.value = meeting.tiles.value.map((tile) =>
      tile.self ? { ...tile, mic: false, camera: false } : tile,
    );
    return meeting;
  },
  'call-reconnecting': () => {
    const meeting = call(3);
    meeting.phase.value = 'reconnecting';
    return meeting;
  },
  'call-strangers': () => {
    const meeting = call(1);
    meeting.encryption.value = { state: 'attention', sentenceKey: 'encryption.sentence.wrong_secret_all', count: 1 };
    meeting.tiles.value = [...meeting.tiles.value, fakeTile(1, { state: 'wrong_secret', name: '' })];
    return meeting;
  },
  waiting: () => {
    const meeting = fakeMeeting('connecting');
    meeting.moderation.waiting.value = true;
    return meeting;
  },
  'call-viewer': () => {
    const meeting = call(4);
    meeting.moderation.role.value = 'viewer';
    return meeting;
  },
  ended: () => {
    const meeting = fakeMeeting('failed');
    meeting.problem.value = problem('call_ended');
    return meeting;
  },
  'not-admitted': () => {
    const meeting = fakeMeeting('failed');
    meeting.problem.value = problem('not_admitted');
    return meeting;
  },
  left: () => fakeMeeting('left'),
  removed: () => {
    const meeting = fakeMeeting('failed');
    meeting.problem.value = problem('removed');
    return meeting;
  },
  failed: () => {
    const meeting = fakeMeeting('failed');
    meeting.problem.value = problem('worker_failed');
    return meeting;
  },
};
