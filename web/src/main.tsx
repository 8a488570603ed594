import { effect } from '@preact/signals';
import { render } from 'preact';
import { App } from './ui/app.tsx';
import { watchInstall } from './ui/home/install.tsx';
import { begin } from './ui/strings/languages.ts';
import { spokenLanguage } from './ui/strings/text.ts';

const root = document.getElementById('app');
effect(() => {
  document.documentElement.lang = spokenLanguage();
});
watchInstall();
void begin().then(() => {
  if (root) render(<App />, root);
});
