/** A meeting without a call, for looking at the page in every state: signals one sets, methods that only set them. */
import { type Signal, signal } from '@preact/signals';
import type { Giving } from '../../src/call/captions.ts';
import { OwnDevices } from '../../src/call/own_devices.ts';
import { Viewport } from '../../src/call/showing.ts';
import { Stage } from '../../src/call/stage.ts';
import { Terms } from '../../src/call/terms.ts';
import type {
  CaptionsView,
  CaptionView,
  ChatLine,
  EncryptionView,
  FilesView,
  FileView,
  FollowView,
  IdentityView,
  KeysOverMatrix,
  Meeting,
  Phase,
  PollsView,
  PollView,
  Problem,
  ReactionView,
  RecordingView,
  TileView,
  VerificationView,
  WordsRead,
} from '../../src/call/view.ts';
import { FakeBreakouts, FakeModeration } from './fake_moderation.ts';

export const WORDS = ['abacus', 'river', 'lantern', 'cello', 'orbit', 'velvet', 'maple', 'crisp'];

/** Knows those eight words and no others. */
export async function readWords(text: string): Promise<WordsRead> {
  const typed = text.split(' ');
  const wrong = typed.findIndex((word) => !WORDS.includes(word));
  const nearest = WORDS[wrong] ?? '';
  if (wrong >= 0) return { ok: false, fault: 'unknown', word: typed[wrong] ?? '', position: wrong + 1, nearest };
  return typed.length === WORDS.length
    ? { ok: true, fragment: typed.join('-') }
    : { ok: false, fault: 'count', count: typed.length };
}

const PEOPLE = [
  'Ana Lindqvist',
  'Ben Okafor',
  'Chiara Rossi',
  'Dmitri Volkov',
  'Esi Mensah',
  'Farid Haddad',
  'Grace O’Neill',
  'Hana Sato',
  'Ines de la Torre y Fernández',
];

export interface FakeMeeting extends Meeting {
  phase: Signal<Phase>;
  captions: CaptionsView & { shown: Signal<CaptionView[]>; on: Signal<boolean>; giving: Signal<Giving> };
  files: FilesView & { all: Signal<ReadonlyMap<string, FileView>> };
  polls: PollsView & { all: Signal<PollView[]> };
  problem: Signal<Problem | null>;
  tiles: Signal<TileView[]>;
  mic: Signal<boolean>;
  camera: Signal<boolean>;
  screen: Signal<boolean>;
  encryption: Signal<EncryptionView>;
  matrix: Signal<KeysOverMatrix> | null;
  chat: Signal<ChatLine[]>;
  reactions: Signal<ReactionView[]>;
  hand: Signal<boolean>;
  pinned: Signal<string | null>;
  verification: Signal<VerificationView | null>;
  identity: Signal<IdentityView>;
  linkChanged: Signal<{ times: number; by: string }>;
  stage: Stage;
  follow: { leading: Signal<boolean>; leader: Signal<string | null>; follows: Signal<boolean> } & FollowView;
  devices: OwnDevices;
  moderation: FakeModeration;
  terms: Terms;
  breakouts: FakeBreakouts;
  calls: string[];
}

/** What a browser counts of a picture and a voice that arrive well. */
const STATS = [
  {
    id: 'p',
    type: 'inbound-rtp',
    kind: 'video',
    codecId: 'c',
    frameWidth: 1280,
    frameHeight: 720,
    framesPerSecond: 29.7,
  },
  { id: 's', type: 'inbound-rtp', kind: 'audio', codecId: 'd', jitter: 0.004, packetsReceived: 1983, packetsLost: 8 },
  { id: 'c', type: 'codec', mimeType: 'video/VP8' },
  { id: 'd', type: 'codec', mimeType: 'audio/opus' },
  { id: 'w', type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.038 },
];

export function fakeMeeting(phase: Phase, obstacle: Problem | null = null): FakeMeeting {
  const calls: string[] = [];
  const mic = signal(true);
  const stage = new Stage({
    viewport: new Viewport(() => {}),
    stats: async () => STATS.map((stat) => ({ ...stat, timestamp: performance.now() })),
    lineChanged: () => {},
    muted: { inCall: () => true, mic, listen: async () => () => {} },
  });
  const meeting: FakeMeeting = {
    slug: 'amber-otter-hill',
    phase: signal(phase),
    problem: signal(null),
    tiles: signal([]),
    mic,
    stage,
    follow: {
      leading: signal(false),
      lead: (on) => {
        meeting.follow.leading.value = on;
      },
      leader: signal(null),
      follows: signal(true),
      setFollows: (on) => {
        meeting.follow.follows.value = on;
      },
    },
    camera: signal(true),
    screen: signal(false),
    encryption: signal({ state: 'ok', sentenceKey: 'encryption.sentence.ok' }),
    matrix: null,
    chat: signal([]),
    reactions: signal([]),
    hand: signal(false),
    captions: {
      shown: signal([]),
      on: signal(false),
      giving: signal<Giving>('off'),
      show: (on) => {
        meeting.captions.on.value = on;
      },
      give: async (on) => {
        meeting.captions.giving.value = on ? 'on' : 'off';
      },
    },
    files: {
      all: signal(new Map()),
      share: async (file) => void calls.push(`share ${file.name}`),
      take: (key) => void calls.push(`take ${key}`),
      cancel: (key) => void calls.push(`cancel ${key}`),
      whole: () => null,
    },
    polls: {
      all: signal([]),
      ask: async (question) => void calls.push(`ask ${question}`),
      answer: (id, choices) => void calls.push(`answer ${id} ${choices}`),
      close: (id) => void calls.push(`close ${id}`),
    },
    pinned: signal(null),
    verification: signal(null),
    identity: signal('guest'),
    linkChanged: signal({ times: 0, by: '' }),
    recording: fakeRecording(calls),
    moderation: new FakeModeration(calls),
    terms: new Terms(() => performance.now()),
    breakouts: new FakeBreakouts(calls),
    calls,
    prepare: async () => obstacle,
    openWithWords: async (text) => {
      calls.push(`words ${text}`);
      return readWords(text);
    },
    openWithSecret: async (secret) => void calls.push(`secret ${secret}`),
    join: async (options) => {
      calls.push(`join ${options.name}`);
      meeting.mic.value = options.mic;
      meeting.camera.value = options.camera;
      meeting.tiles.value = [fakeTile(0, { self: true, name: options.name, mic: options.mic, camera: options.camera })];
      meeting.phase.value = 'in_call';
    },
    leave: () => {
      calls.push('leave');
      meeting.phase.value = 'left';
    },
    setMicrophone: async (on) => {
      meeting.mic.value = on;
    },
    setCamera: async (on) => {
      meeting.camera.value = on;
    },
    setScreen: async (on) => {
      meeting.screen.value = on;
    },
    code: async () => '47480 06604 33683 35154 31225 07524',
    see: () => {},
    pin: (tile) => {
      meeting.pinned.value = tile;
    },
    say: async (text, to) => {
      calls.push(`say ${text}${to ? ` to ${to.device}` : ''}`);
      const line = { id: meeting.chat.value.length + 1, name: 'You', self: true, text, at: Date.now() };
      const from = { user: '@self:localhost', device: 'DEVICESELF' };
      meeting.chat.value = [...meeting.chat.value, { ...line, from, private: to !== undefined }];
    },
    react: (emoji) => void calls.push(`react ${emoji}`),
    setName: (name) => {
      meeting.tiles.value = meeting.tiles.value.map((tile) => (tile.self ? { ...tile, name } : tile));
    },
    setHand: (on) => {
      meeting.hand.value = on;
    },
    verify: (person, step) => void calls.push(`verify ${person.device} ${step}`),
    closeVerification: () => {
      meeting.verification.value = null;
    },
    qr: async () => `grotto:v1:${'Az09-_'.repeat(18).slice(0, 107)}`, // as long as the engine's
    scanned: (person, scanned) => void calls.push(`scanned ${person.device} ${scanned}`),
    block: (person) => void calls.push(`block ${person.device}`),
    remove: (person, changeLink) => void calls.push(`remove ${person.device}${changeLink ? ' and change link' : ''}`),
    forgetDevice: async () => {
      meeting.identity.value = 'guest';
    },
    known: async () => [],
    build: async () => ({ version: '1.0.0', bundle: '0123456789abcdef'.repeat(4), state: 'current' }),
    forgetPerson: async (identity) => void calls.push(`forget ${identity}`),
    checkNetwork: async () => ({ answerMs: 14, signalling: true, media: false }),
    kept: { kept: signal(false) },
    devices: fakeDevices(phase === 'lobby' ? globalThis.navigator?.mediaDevices : undefined),
    resumeAfterReload: async () => false,
  };
  return meeting;
}

/** The browser's own devices; without them those of a laptop with a headset, where nothing can be opened. */
function fakeDevices(media: MediaDevices | undefined): OwnDevices {
  const devices = new OwnDevices({
    media,
    storage: null,
    sinks: true,
    make: { withoutNoise: async (raw) => raw, withBackground: async (raw) => raw, onTouch() {} },
    pictures: { read: async () => null, keep: async () => {} },
    suppressesNoise: true,
    hidesBackground: () => true,
  });
  if (media) return devices;
  const listed = (...labels: string[]) => labels.map((label) => ({ id: label, label }));
  devices.microphones.value = listed('Headset microphone', 'Built-in microphone');
  devices.cameras.value = listed('Built-in camera');
  devices.speakers.value = listed('Headset', 'Built-in speakers');
  devices.look = async () => {};
  return devices;
}

function fakeRecording(calls: string[]): RecordingView {
  const on = signal(false);
  return {
    on,
    tell: (now) => {
      calls.push(`recording ${now}`);
      on.value = now;
    },
    take: () => {},
    sound: () => [],
  };
}

export function fakeTile(index: number, changes: Partial<TileView> = {}): TileView {
  return {
    key: `person-${index}`,
    kind: 'camera',
    name: PEOPLE[index % PEOPLE.length] ?? '',
    self: false,
    user: `@guest${index}:localhost`,
    device: `DEVICE000${index}`,
    state: 'new',
    video: null,
    audio: null,
    mic: true,
    camera: false,
    hand: 0,
    speaking: false,
    paused: false,
    weak: false,
    recording: false,
    unplayable: null,
    ...changes,
  };
}
