/** Development only, never built: `npx vite` and open /test/ui/gallery.html?scene=call-5 to look at a state. */
import { signal } from '@preact/signals';
import { render } from 'preact';
import type { RecentMeeting } from '../../src/call/view.ts';
import { Home } from '../../src/ui/home/home.tsx';
import { Room } from '../../src/ui/room.tsx';
import { begin, isLanguage } from '../../src/ui/strings/languages.ts';
import { act, type Step } from './act.ts';
import { readWords, WORDS } from './fake.ts';
import { markupScenes } from './markup_scenes.ts';
import { panelScenes as told } from './panel_scenes.ts';
import { speakPseudo } from './pseudo.ts';
import { scenes } from './scenes.ts';
import '../../src/ui/tokens.css';
import '../../src/ui/base.css';

const panelScenes = { ...told, ...markupScenes };
const query = new URLSearchParams(location.search);
const name = query.get('scene') ?? '';
const theme = query.get('theme');
if (theme) document.documentElement.dataset.theme = theme;

// Made outside the component: a scene reads and sets signals, and would draw the page again for ever.
const meeting = (scenes[name] ?? panelScenes[name]?.meeting)?.();
const nothing = () => {};
const homeProps = {
  origin: location.origin,
  newMeetingURL: () => Promise.reject(new Error('no engine')),
  readWords,
  recent: { list: signal<RecentMeeting[]>([]), forget: nothing },
  go: nothing,
};
const NOON = Date.UTC(2026, 10, 21, 12, 0);
const recent = {
  list: signal([
    { slug: 'amber-otter-hill', at: NOON, complete: true },
    { slug: 'velvet-cello-orbit', at: NOON - 3 * 86_400_000, complete: false },
  ]),
  forget: nothing,
};

const home = {
  home: () => <Home {...homeProps} />,
  'home-told': () => <Home {...homeProps} />,
  'home-recent': () => <Home {...homeProps} recent={recent} />,
  'home-typo': () => <Home {...homeProps} />,
  'home-aloud': () => (
    <Home {...homeProps} newMeetingURL={async () => `${location.origin}/r/amber-otter-hill#${WORDS.join('-')}`} />
  ),
};

function Page() {
  const draw = home[name as keyof typeof home];
  if (draw) return draw();
  if (meeting) {
    Object.assign(window, { meeting });
    return (
      <Room
        meeting={meeting}
        origin={location.origin}
        codec={null}
        go={nothing}
        reload={nothing}
        newMeeting={nothing}
      />
    );
  }
  return (
    <ul>
      {[...Object.keys(home), ...Object.keys(scenes), ...Object.keys(panelScenes)].map((scene) => (
        <li key={scene}>
          <a href={`?scene=${scene}`}>{scene}</a>
        </li>
      ))}
    </ul>
  );
}

const root = document.getElementById('app');
if (root) render(<Page />, root);

const homeSteps: Record<string, readonly Step[]> = {
  'home-aloud': ['With words to say aloud'],
  'home-told': ['I was told eight words'],
  'home-typo': [
    { field: 'Meeting link', text: 'amber otter hill abacus rivver lantern cello orbit velvet maple crisp' },
    'Open',
    'Open with words',
  ],
};
await act(panelScenes[name]?.steps ?? homeSteps[name] ?? []);
// Last, since the steps name what they press in English.
/** Longer words, from right to left. */
function speakStrangely() {
  speakPseudo();
  document.documentElement.dir = 'rtl';
}
Object.assign(window, { speakStrangely });
const lang = query.get('lang') ?? '';
if (lang === 'pseudo') speakStrangely();
else if (isLanguage(lang)) await begin([lang]);
document.documentElement.dataset.ready = 'yes';
