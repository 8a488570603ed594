/** Everything that somebody else chooses the words of, in markup: it is shown as what it is, text. */
import { fakeTile } from './fake.ts';
import type { PanelScene } from './panel_scenes.ts';
import { call } from './pictures.ts';

export const MARKUP = '<img src=x onerror=hit()><script>hit()</script>';
const FROM = { user: '@guest1:localhost', device: 'DEVICE0001' };

function hostile() {
  const meeting = { ...call(1), slug: MARKUP };
  meeting.tiles.value = [...meeting.tiles.value, fakeTile(1, { name: MARKUP, state: 'changed_key', hand: 1 })];
  meeting.reactions.value = [{ id: 1, name: MARKUP, from: FROM, emoji: MARKUP }];
  const line = { name: MARKUP, from: FROM, self: false, at: 0, private: false };
  meeting.chat.value = [
    { ...line, id: 1, text: MARKUP },
    { ...line, id: 2, text: MARKUP, file: 'f' },
    { ...line, id: 3, text: `https://example.org/"onmouseover="hit() javascript:hit()` },
  ];
  const file = { key: 'f', name: MARKUP, size: 1000, self: false, progress: 0, taken: 0, sending: false };
  meeting.files.all.value = new Map([['f', { ...file, state: 'offered' as const }]]);
  const option = { text: MARKUP, votes: 1, names: [MARKUP], mine: false };
  const poll = { id: 'p', name: MARKUP, self: false, question: MARKUP, many: false, voters: 1 };
  const open = { answered: true, closed: false, options: [option, { ...option, names: [], votes: 0 }] };
  meeting.polls.all.value = [{ ...poll, ...open }];
  meeting.known = async () => [{ identity: 'a', name: MARKUP, verified: false, blocked: true }];
  meeting.linkChanged.value = { times: 1, by: MARKUP };
  return meeting;
}

export const markupScenes: Record<string, PanelScene> = {
  'markup-chat': { meeting: hostile, steps: ['Chat'] },
  'markup-people': { meeting: hostile, steps: ['People', `Actions for ${MARKUP}`, 'Block'] },
  'markup-polls': { meeting: hostile, steps: ['More', 'Polls'] },
  'markup-security': { meeting: hostile, steps: ['End-to-end encrypted'] },
  'markup-lobby': {
    meeting: () => {
      const meeting = hostile();
      meeting.phase.value = 'lobby';
      return meeting;
    },
    steps: [],
  },
};
