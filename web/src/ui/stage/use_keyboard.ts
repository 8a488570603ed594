/** Listens for the keys of the call while it is on the page. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Meeting } from '../../call/view.ts';
import { fillCall } from '../view/full_screen.ts';
import { focusOf, keyAction, Talk } from './keyboard.ts';

const STORED = 'grotto.single-keys';

/**
 * Keys of one letter can be switched off, for those whose speech input or unsteady hands would press them (WCAG 2.1.4).
 * Kept in this browser; where storage is off, for this page.
 */
export const singleKeys = signal(read());

export function setSingleKeys(on: boolean): void {
  singleKeys.value = on;
  try {
    if (on) localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, 'off');
  } catch {
    // It holds until the page is closed.
  }
}

interface Shown {
  toggle: (panel: 'chat' | 'people' | 'shortcuts') => void;
  close: () => void;
  talking: (on: boolean) => void;
}

export function useKeyboard(meeting: Meeting, show: Shown): void {
  useEffect(() => {
    const { stage } = meeting;
    const talk = new Talk(
      () => meeting.mic.value,
      (on) => void meeting.setMicrophone(on),
      show.talking,
    );
    const onDown = (event: KeyboardEvent) => {
      const action = keyAction(event, focusOf(event.target));
      if (action === null || (action !== 'close' && !singleKeys.value)) return;
      if (action !== 'close') event.preventDefault();
      if (action === 'microphone') void meeting.setMicrophone(!meeting.mic.value);
      if (action === 'camera') void meeting.setCamera(!meeting.camera.value);
      if (action === 'screen') void meeting.setScreen(!meeting.screen.value);
      if (action === 'hand') meeting.setHand(!meeting.hand.value);
      if (action === 'layout') stage.setLayout(stage.layout.value === 'grid' ? 'speaker' : 'grid');
      if (action === 'fullScreen') fillCall();
      if (action === 'people' || action === 'shortcuts') show.toggle(action);
      if (action === 'chat' && meeting.terms.has('chat')) show.toggle(action);
      if (action === 'close') show.close();
      if (action === 'talk') talk.press();
    };
    const onUp = (event: KeyboardEvent) => {
      if (event.key === ' ') talk.release();
    };
    const onBlur = () => talk.release();
    addEventListener('keydown', onDown);
    addEventListener('keyup', onUp);
    addEventListener('blur', onBlur);
    addEventListener('click', giveFocusBack);
    return () => {
      talk.release();
      removeEventListener('keydown', onDown);
      removeEventListener('keyup', onUp);
      removeEventListener('blur', onBlur);
      removeEventListener('click', giveFocusBack);
    };
  }, [meeting]);
}

/** A click by pointer leaves no focus on its button, so that space goes to talking and not to that button again. */
function giveFocusBack(event: MouseEvent): void {
  const { activeElement } = document;
  if (event.detail > 0 && activeElement instanceof HTMLButtonElement) activeElement.blur();
}

function read(): boolean {
  try {
    return localStorage.getItem(STORED) === null;
  } catch {
    return true;
  }
}
