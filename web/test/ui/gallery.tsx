/** Development only, never built: `npx vite` and open /test/ui/gallery.html?scene=call-5 to look at a state. */
import { render } from 'preact';
import { Home } from '../../src/ui/home/home.tsx';
import { Room } from '../../src/ui/room.tsx';
import { scenes } from './scenes.ts';
import '../../src/ui/tokens.css';
import '../../src/ui/base.css';

const query = new URLSearchParams(location.search);
const name = query.get('scene') ?? '';
const theme = query.get('theme');
if (theme) document.documentElement.dataset.theme = theme;
if (query.has('rtl')) document.documentElement.dir = 'rtl';

// Made outside the component: a scene reads and sets signals, and would draw the page again for ever.
const meeting = scenes[name]?.();
const nothing = () => {};

function Page() {
  if (name === 'home') {
    return <Home origin={location.origin} newMeetingURL={() => Promise.reject(new Error('no engine'))} go={nothing} />;
  }
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
      {['home', ...Object.keys(scenes)].map((scene) => (
        <li key={scene}>
          <a href={`?scene=${scene}`}>{scene}</a>
        </li>
      ))}
    </ul>
  );
}

const root = document.getElementById('app');
if (root) render(<Page />, root);
