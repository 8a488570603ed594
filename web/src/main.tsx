import { effect } from '@preact/signals';
import { render } from 'preact';
import { App } from './ui/app.tsx';
import { around, Host } from './ui/embedding/host.ts';
import { watchInstall } from './ui/home/install.tsx';
import { begin } from './ui/strings/languages.ts';
import { spokenLanguage } from './ui/strings/text.ts';
import { isProblem, isWidget, readAddress } from './widget/address.ts';
import { around as aroundWidget, Guard } from './widget/guard.ts';

const root = document.getElementById('app');
const embedded = window.parent !== window && new URLSearchParams(location.search).has('embedded');
const host = embedded ? new Host(around(window)) : null; // now: the page around us speaks as soon as we have loaded
const widget = window.parent !== window && isWidget(location.search) ? readAddress(location.search) : null;
const guard = widget && new Guard(aroundWidget(window), isProblem(widget) ? '' : widget.parentOrigin); // likewise
effect(() => {
  document.documentElement.lang = spokenLanguage();
});
watchInstall();
void begin().then(async () => {
  if (!root) return;
  if (host) (await import('./ui/embedding/frame.tsx')).showRoom(root, host);
  else if (widget && guard) await (await import('./ui/embedding/widget.tsx')).showWidget(root, widget, guard);
  else render(<App />, root);
});
