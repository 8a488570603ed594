/** States that one comes to by pressing something: the panels at the side, verification, words. */
import { signal } from '@preact/signals';
import type { FileState } from '../../src/call/files/files_view.ts';
import type { ChatLine, FileView, KnownPerson, VerificationView } from '../../src/call/view.ts';
import type { Step } from './act.ts';
import { type FakeMeeting, fakeMeeting, fakeTile, WORDS } from './fake.ts';
import { call, drawnPerson, speak } from './pictures.ts';

export interface PanelScene {
  meeting: () => FakeMeeting;
  steps: readonly Step[];
}

const NOON = Date.UTC(2026, 10, 21, 12, 0);
const BEN = { user: '@guest1:localhost', device: 'DEVICE0001' };
const SEVEN = [0, 9, 26, 31, 49, 53, 63];

export const panelScenes: Record<string, PanelScene> = {
  view: { meeting: () => call(5), steps: ['View'] },
  'tile-options': { meeting: () => call(5), steps: ['Options for Ben Okafor'] },
  spoken: { meeting: talkative, steps: ['View', 'Who spoke how long'] },
  chat: { meeting: chatting, steps: ['Chat'] },
  'chat-empty': { meeting: () => call(2), steps: ['Chat'] },
  'chat-unread': { meeting: chatting, steps: [] },
  'chat-failed': {
    meeting: () => ({ ...call(2), say: () => Promise.reject(new Error('no session')) }),
    steps: ['Chat', { field: 'Message', text: 'Can you hear me?' }, 'Send'],
  },
  'chat-offline': {
    meeting: () => {
      const meeting = chatting();
      meeting.phase.value = 'reconnecting';
      return meeting;
    },
    steps: ['Chat', { field: 'Message', text: 'Still here' }],
  },
  'chat-files': { meeting: sharing, steps: ['Chat'] },
  invite: {
    meeting: () => ({ ...call(1), link: async () => `${location.origin}/r/amber-otter-hill#kJ2n8vQx5rT0yWb3mLs7Aw` }),
    steps: ['More', 'Invite'],
  },
  'invite-words': {
    meeting: () => {
      const meeting = call(1);
      meeting.screen.value = true;
      return { ...meeting, link: async () => `${location.origin}/r/amber-otter-hill#${WORDS.join('-')}` };
    },
    steps: ['More', 'Invite'],
  },
  polls: { meeting: polling, steps: ['More', 'Polls'] },
  'polls-new': {
    meeting: polling,
    steps: [
      'More',
      'Polls',
      'New poll',
      { field: 'Question', text: 'Where do we meet?' },
      'Add an answer',
      'Ask everybody',
    ],
  },
  captions: {
    meeting: () => {
      const meeting = call(4);
      meeting.captions.on.value = true;
      meeting.captions.shown.value = [
        {
          key: 'a',
          name: 'Chiara Rossi',
          self: false,
          text: 'So we leave at nine, and take the road along the river.',
        },
        { key: 'b', name: 'Ana Lindqvist', self: true, text: 'Nine is early.' },
      ];
      meeting.captions.giving.value = 'unavailable';
      return meeting;
    },
    steps: ['More', 'Captions'],
  },
  notify: { meeting: () => call(2), steps: ['More', 'Sounds and notifications'] },
  people: { meeting: everyState, steps: ['People'] },
  'people-actions': { meeting: () => call(3), steps: ['People', 'Actions for Ben Okafor'] },
  'people-pin': { meeting: () => call(5), steps: ['People', 'Actions for Ben Okafor', 'Show large'] },
  'people-block': { meeting: () => call(3), steps: ['People', 'Actions for Ben Okafor', 'Block'] },
  'people-change': {
    meeting: () => moderated(3),
    steps: ['People', 'Actions for Ben Okafor', 'Remove and change the link'],
  },
  'people-moderator': { meeting: atTheDoor, steps: ['People'] },
  'people-moderator-actions': { meeting: () => moderated(3), steps: ['People', 'Actions for Ben Okafor'] },
  'room-controls': { meeting: () => moderated(3), steps: ['People', 'The whole meeting'] },
  'room-end': { meeting: () => moderated(3), steps: ['People', 'The whole meeting', 'End for everyone'] },
  breakouts: { meeting: () => moderated(5), steps: ['People', 'The whole meeting', 'Breakout rooms'] },
  'breakouts-open': {
    meeting: () => {
      const meeting = moderated(5);
      const url = `/r/amber-otter-hill--room`;
      meeting.breakouts.rooms.value = [
        { name: '1', url: `${url}1#s`, people: ['Jonas Weber', 'Priya Nair'].map(sent) },
        { name: '2', url: `${url}2#s`, people: [] },
      ];
      return meeting;
    },
    steps: ['People', 'The whole meeting', 'Breakout rooms'],
  },
  'at-the-door': { meeting: atTheDoor, steps: [] },
  'sent-to-breakout': {
    meeting: () => {
      const meeting = call(3);
      meeting.breakouts.invitation.value = { by: 'Ben Okafor', name: '2' };
      return meeting;
    },
    steps: [],
  },
  'in-breakout': {
    meeting: () => {
      const meeting = call(3);
      meeting.breakouts.main = { slug: 'amber-otter-hill', name: '2' };
      return meeting;
    },
    steps: [],
  },
  'two-devices': {
    meeting: () => {
      const meeting = call(3);
      const [self] = meeting.tiles.value;
      const phone = { user: self?.user ?? '', name: self?.name ?? '', key: 'phone', device: 'PHONE00001' };
      meeting.tiles.value = [...meeting.tiles.value, fakeTile(4, phone)];
      return meeting;
    },
    steps: ['People'],
  },
  reactions: {
    meeting: () => {
      const meeting = call(3);
      meeting.reactions.value = [
        { id: 1, name: 'Ben Okafor', from: BEN, emoji: '🎉' },
        { id: 2, name: 'Ben Okafor', from: BEN, emoji: '👍' },
      ];
      return meeting;
    },
    steps: ['Reactions'],
  },
  hands: {
    meeting: () => {
      const meeting = call(4);
      meeting.hand.value = true;
      meeting.tiles.value = meeting.tiles.value.map((tile, index) => ({ ...tile, hand: [2, 0, 0, 1][index] ?? 0 }));
      return meeting;
    },
    steps: ['People'],
  },
  more: { meeting: () => call(2), steps: ['More'] },
  settings: { meeting: () => call(2), steps: ['More', 'Settings'] },
  'settings-slow': {
    meeting: () => {
      const meeting = call(2);
      void meeting.devices.setBackground('blur');
      meeting.devices.backgroundState.value = 'slow';
      return meeting;
    },
    steps: ['More', 'Settings'],
  },
  recording: { meeting: () => call(4), steps: ['More', 'Record on this device'] },
  shortcuts: { meeting: () => call(2), steps: ['More', 'Keyboard shortcuts'] },
  'device-guest': { meeting: () => call(2), steps: ['More', 'This device'] },
  'device-kept': { meeting: kept, steps: ['More', 'This device'] },
  'device-forget': { meeting: kept, steps: ['More', 'This device', 'Forget this device'] },
  encryption: { meeting: () => call(3), steps: ['End-to-end encrypted', 'Show the code'] },
  'encryption-changed-key': {
    meeting: () => {
      const meeting = everyState();
      meeting.encryption.value = { state: 'attention', sentenceKey: 'encryption.sentence.changed_key', count: 4 };
      return meeting;
    },
    steps: ['Somebody has other keys than before'],
  },
  'encryption-matrix': { meeting: overMatrix, steps: ['Keys came past Matrix'] },
  'link-changed': {
    meeting: () => {
      const meeting = call(3);
      setTimeout(() => {
        meeting.linkChanged.value = { times: 1, by: 'Chiara Rossi' };
      }, 50);
      return meeting;
    },
    steps: ['End-to-end encrypted'],
  },
  'verify-told': { meeting: () => verifying({ state: 'requested' }), steps: [] },
  'verify-asked': { meeting: () => verifying({ state: 'requested' }), steps: ['Show'] },
  'verify-waiting': { meeting: () => verifying({ state: 'waiting' }), steps: ['People'] },
  'verify-compare': {
    meeting: () => verifying({ state: 'compare', emoji: SEVEN, decimal: [4912, 1290, 8023] }),
    steps: ['People'],
  },
  'verify-done': { meeting: () => verifying({ state: 'done' }), steps: ['People'] },
  'verify-timeout': { meeting: () => verifying({ state: 'cancelled', reason: 'timeout' }), steps: ['People'] },
  'verify-mismatch': { meeting: () => verifying({ state: 'cancelled', reason: 'mismatch' }), steps: ['People'] },
  'verify-scanned': { meeting: () => verifying({ state: 'compare' }), steps: ['People'] },
  'qr-show': { meeting: () => call(3), steps: ['People', 'Actions for Ben Okafor', 'Verify by QR code'] },
  'qr-scan': {
    meeting: () => call(3),
    steps: ['People', 'Actions for Ben Okafor', 'Verify by QR code', 'Scan their code'],
  },
  'lobby-kept': {
    meeting: () => {
      const meeting = kept();
      meeting.phase.value = 'lobby';
      return meeting;
    },
    steps: [],
  },
  'lobby-words': {
    meeting: () => ({
      ...fakeMeeting('lobby', { code: 'no_secret', message: '' }),
      openWithWords: async () => ({ ok: false, fault: 'unknown', word: 'rivver', position: 2, nearest: 'river' }),
    }),
    steps: [
      { field: 'The eight words', text: 'abacus rivver lantern cello orbit velvet maple crisp' },
      'Open with words',
    ],
  },
};

function talkative(): FakeMeeting {
  const meeting = call(4);
  for (const index of [1, 2, 1]) speak(meeting, index);
  const spoken = meeting.stage.spoken();
  const minutes = [14.2, 3.7, 0.4, 0];
  meeting.stage.spoken = () => spoken.map((one, i) => ({ ...one, ms: (minutes[i] ?? 0) * 60_000 }));
  return meeting;
}

function moderated(people: number): FakeMeeting {
  const meeting = call(people);
  meeting.moderation.role.value = 'moderator';
  meeting.moderation.roles.set(meeting.tiles.value[0]?.device ?? '', 'moderator').set('DEVICE0002', 'viewer');
  return meeting;
}

function atTheDoor(): FakeMeeting {
  const meeting = moderated(3);
  meeting.moderation.room.value = { locked: false, waitingRoom: true };
  meeting.moderation.knocks.value = [
    { id: 1, name: 'Ines de la Torre y Fernández' },
    { id: 2, name: null },
  ];
  return meeting;
}

function chatting(): FakeMeeting {
  const meeting = call(3);
  meeting.chat.value = [
    line(1, 'Ben Okafor', 'Good morning. Notes: https://example.org/notes/spring (before noon, please).'),
    line(2, 'Chiara Rossi', '<script>alert(1)</script> <img src=x onerror=alert(1)>'),
    { ...line(3, '', 'I will read them now.\nGive me ten minutes.'), self: true },
    { ...line(4, 'Ben Okafor', 'Is she always like this?'), private: true },
    { ...line(5, '', 'Only before coffee.'), self: true, private: true, to: 'Ben Okafor' },
    line(6, 'Ines de la Torre y Fernández-Villaverde', `A long word: ${'Donaudampfschifffahrt'.repeat(4)}`),
  ];
  return meeting;
}

function line(id: number, name: string, text: string): ChatLine {
  return { id, name, from: BEN, self: false, text, at: NOON + id * 61_000, private: false };
}

function everyState(): FakeMeeting {
  const meeting = call(1);
  meeting.encryption.value = { state: 'attention', sentenceKey: 'encryption.sentence.attention', count: 4 };
  meeting.tiles.value = [
    ...meeting.tiles.value,
    fakeTile(1, { state: 'verified', camera: true, video: drawnPerson(1) }),
    fakeTile(2, { state: 'known', mic: false }),
    fakeTile(3, { state: 'new', camera: true, video: drawnPerson(3), hand: 5 }),
    fakeTile(4, { state: 'changed_key', camera: true, video: drawnPerson(4) }),
    fakeTile(5, { state: 'waiting_for_key' }),
    fakeTile(6, { state: 'cannot_decrypt' }),
    fakeTile(7, { state: 'blocked' }),
    fakeTile(8, { state: 'outside_key', mic: false }),
    fakeTile(9, { state: 'wrong_secret', name: '' }),
    fakeTile(10, { state: 'refused' }),
  ];
  return meeting;
}

function overMatrix(): FakeMeeting {
  const meeting = call(1);
  meeting.encryption.value = { state: 'attention', sentenceKey: 'encryption.sentence.bypassed', count: 1 };
  const ben = { user: '@mx.ben=3aexample.org:meet.example' };
  const chiara = { user: '@mx.chiara=3aexample.org:meet.example' };
  const tiles = [
    fakeTile(1, ben),
    fakeTile(2, { ...chiara, state: 'waiting_for_key' }),
    fakeTile(3, { state: 'guest' }),
  ];
  meeting.tiles.value = [...meeting.tiles.value, ...tiles];
  const checked = new Map([[`${ben.user}|${tiles[0]?.device}`, '@ben:example.org']]);
  meeting.matrix = signal({ client: 'app.element.example', user: '@ana:example.org', checked, guests: false });
  return meeting;
}

function kept(): FakeMeeting {
  const meeting = call(2);
  meeting.identity.value = 'kept';
  const people: KnownPerson[] = [
    { identity: 'a', name: 'Ben Okafor', verified: true, blocked: false },
    { identity: 'b', name: 'Chiara Rossi', verified: false, blocked: false },
    { identity: 'c', name: '', verified: false, blocked: true },
  ];
  meeting.known = async () => people;
  return meeting;
}

function verifying(changes: Partial<VerificationView>): FakeMeeting {
  const meeting = call(3);
  const base: VerificationView = { person: BEN, name: 'Ben Okafor', state: 'waiting', emoji: [], decimal: [] };
  meeting.verification.value = { ...base, ...changes };
  return meeting;
}

function sharing(): FakeMeeting {
  const meeting = call(3);
  const file = (key: string, self: boolean, name: string, state: FileState, more: Partial<FileView> = {}): FileView => {
    const id = meeting.chat.value.length + 1;
    const line = { id, name: self ? 'You' : 'Ben Okafor', from: BEN, self, text: name, at: NOON + id * 60_000 };
    meeting.chat.value = [...meeting.chat.value, { ...line, private: false, file: key }];
    return { key, name, self, state, size: 3_412_000, progress: 0, taken: 0, sending: false, ...more };
  };
  const all = [
    file('1', false, 'Minutes of the twelfth of November.pdf', 'offered'),
    file('2', false, 'photo.jpg', 'receiving', { progress: 0.4 }),
    file('3', false, 'a name that is much longer than the panel is wide and has no spaces_in_its_end.tar.gz', 'ready'),
    file('4', true, 'plan.pdf', 'shared', { taken: 2 }),
    file('5', false, 'gone.txt', 'gone', { size: 900 }),
  ];
  meeting.files.all.value = new Map(all.map((view) => [view.key, view]));
  return meeting;
}

function polling(): FakeMeeting {
  const meeting = call(4);
  const option = (text: string, names: string[], mine = false) => ({ text, votes: names.length, names, mine });
  meeting.polls.all.value = [
    {
      id: 'a',
      name: 'Ben Okafor',
      self: false,
      question: 'When do we go on?',
      options: [option('At ten', ['Ana Lindqvist', 'Esi Mensah'], true), option('After lunch', ['Farid Haddad'])],
      many: false,
      voters: 3,
      answered: true,
      closed: false,
    },
    {
      id: 'b',
      name: 'Ana Lindqvist',
      self: true,
      question: 'Which of these days suit you, all things considered, for a whole day together?',
      options: [option('Monday', []), option('Tuesday', []), option('Wednesday the twenty-fifth of November', [])],
      many: true,
      voters: 0,
      answered: false,
      closed: false,
    },
    {
      id: 'c',
      name: 'Ana Lindqvist',
      self: true,
      question: 'Shall we record this?',
      options: [option('Yes', ['Ben Okafor', 'Farid Haddad']), option('No', [])],
      many: false,
      voters: 2,
      answered: false,
      closed: true,
    },
  ];
  return meeting;
}

/** Somebody who went to a breakout room. */
function sent(name: string) {
  return { id: name, name, user: `@${name}:localhost`, device: name };
}
