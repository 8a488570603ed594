import { expect, test } from 'vitest';
import { keyAction, type Pressed, Talk } from '../../src/ui/stage/keyboard.ts';

const press = (key: string, more: Partial<Pressed> = {}): Pressed => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  ...more,
});

test.each([
  ['m', 'microphone'],
  ['M', 'microphone'],
  ['v', 'camera'],
  ['s', 'screen'],
  ['R', 'hand'],
  ['c', 'chat'],
  ['p', 'people'],
  ['w', 'layout'],
  ['F', 'fullScreen'],
  ['?', 'shortcuts'],
  ['Escape', 'close'],
  [' ', 'talk'],
  ['x', null],
  ['constructor', null],
] as const)('%j on the page means %s', (key, action) => {
  expect(keyAction(press(key), 'page')).toBe(action);
});

test('typing is not commanding, and a focused control keeps its space', () => {
  expect(keyAction(press('m'), 'text')).toBeNull();
  expect(keyAction(press(' '), 'text')).toBeNull();
  expect(keyAction(press('Escape'), 'text')).toBe('close');
  expect(keyAction(press(' '), 'control')).toBeNull();
  expect(keyAction(press('m'), 'control')).toBe('microphone');
});

test('the browser keeps its own shortcuts, and a held key counts once', () => {
  expect(keyAction(press('s', { ctrlKey: true }), 'page')).toBeNull();
  expect(keyAction(press('v', { metaKey: true }), 'page')).toBeNull();
  expect(keyAction(press('m', { altKey: true }), 'page')).toBeNull();
  expect(keyAction(press('m', { repeat: true }), 'page')).toBeNull();
});

test('space opens a closed microphone while it is held', () => {
  let on = false;
  const told: boolean[] = [];
  const talk = new Talk(
    () => on,
    (value) => {
      on = value;
    },
    (talking) => told.push(talking),
  );
  talk.press();
  expect(on).toBe(true);
  talk.press();
  talk.release();
  expect(on).toBe(false);
  talk.release();
  expect(told).toEqual([true, false]);
});

test('space leaves an open microphone open', () => {
  let set = 0;
  const talk = new Talk(
    () => true,
    () => set++,
    () => set++,
  );
  talk.press();
  talk.release();
  expect(set).toBe(0);
});
