import { effect } from '@preact/signals';
import { render } from 'preact';
import { App } from './ui/app.tsx';
import { around, Host } from './ui/embedding/host.ts';
import { watchInstall } from './ui/home/install.tsx';
import { begin } from './ui/strings/languages.ts';
import { spokenLanguage } from './ui/strings/text.ts';

const root = document.getElementById('app');
const embedded = window.parent !== window && new URLSearchParams(location.search).has('embedded');
const host = embedded ? new Host(around(window)) : null; // now: the page around us speaks as soon as we have loaded
effect(() => {
  document.documentElement.lang = spokenLanguage();
});
watchInstall();
void begin().then(async () => {
  if (!root) return;
  if (host) (await import('./ui/embedding/frame.tsx')).showRoom(root, host);
  else render(<App />, root);
});
