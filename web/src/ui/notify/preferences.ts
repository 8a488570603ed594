/**
 * Whether the page makes sounds, and whether it tells what happens by notifications of the system while nobody looks at
 * it. Kept in this browser; where storage is off, for this page.
 */
import { signal } from '@preact/signals';

const SOUNDS = 'grotto.sounds';
const NOTICES = 'grotto.notices';

export const sounds = signal(read(SOUNDS) !== 'off');
/** `denied`: wanted, and the browser does not allow it. */
export const notices = signal<'off' | 'on' | 'denied'>(read(NOTICES) === 'on' && allowed() ? 'on' : 'off');

export function setSounds(on: boolean): void {
  sounds.value = on;
  keep(SOUNDS, on ? null : 'off');
}

/** Asks the browser, which asks the person, where that was not done before. */
export async function setNotices(on: boolean): Promise<void> {
  keep(NOTICES, on ? 'on' : null);
  if (!on) notices.value = 'off';
  else notices.value = allowed() || (await ask()) ? 'on' : 'denied';
}

function allowed(): boolean {
  return typeof Notification !== 'undefined' && Notification.permission === 'granted';
}

async function ask(): Promise<boolean> {
  return typeof Notification !== 'undefined' && (await Notification.requestPermission()) === 'granted';
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // It holds until the page is closed.
  }
}
