import { beforeEach, expect, test } from 'vitest';
import { type Clock, MERGE_MS, OFFER_MS, SHOW_MS, sentence, Toasts } from '../../src/ui/stage/toasts.ts';

/** A clock that moves when told to. */
class HandClock implements Clock {
  private now = 0;
  private timers: { at: number; run: () => void }[] = [];

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.now + ms, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  pass(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const due = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers = this.timers.filter((other) => other !== due);
      this.now = due.at;
      due.run();
    }
    this.now = end;
  }
}

const people = (...names: string[]) => names.map((name) => ({ key: name.toLowerCase(), name }));
let clock: HandClock;
let toasts: Toasts;

beforeEach(() => {
  clock = new HandClock();
  toasts = new Toasts(clock);
});

test('joins that come close together are one sentence', () => {
  toasts.people([]);
  toasts.people(people('Ana'));
  clock.pass(MERGE_MS / 2);
  toasts.people(people('Ana', 'Ben'));
  expect(toasts.current.value).toBeNull();
  clock.pass(MERGE_MS / 2);
  expect(toasts.current.value?.message).toBe('Ana and Ben joined');
});

test('a full room one joins is not announced', () => {
  toasts.people(people('Ana', 'Ben', 'Chiara'));
  clock.pass(MERGE_MS * 2);
  expect(toasts.current.value).toBeNull();
});

test('a name that comes a moment later is the one that is told', () => {
  toasts.people([]);
  toasts.people([{ key: 'a', name: 'Participant' }]);
  toasts.people([{ key: 'a', name: 'Ana' }]);
  clock.pass(MERGE_MS);
  expect(toasts.current.value?.message).toBe('Ana joined');
});

test('who leaves and comes back within the window did neither', () => {
  toasts.people(people('Ana'));
  toasts.people([]);
  toasts.people(people('Ana'));
  clock.pass(MERGE_MS);
  expect(toasts.current.value).toBeNull();

  toasts.people(people('Ana', 'Ben'));
  toasts.people(people('Ana'));
  clock.pass(MERGE_MS);
  expect(toasts.current.value).toBeNull();
});

test('one at a time, in order, each for a while', () => {
  toasts.people(people('Ana'));
  toasts.people(people('Ben'));
  toasts.say('Link copied.');
  expect(toasts.current.value?.message).toBe('Link copied.');
  clock.pass(SHOW_MS);
  expect(toasts.current.value?.message).toBe('Ben joined');
  clock.pass(SHOW_MS);
  expect(toasts.current.value?.message).toBe('Ana left');
  clock.pass(SHOW_MS);
  expect(toasts.current.value).toBeNull();
});

test('dismissed, the next one has its whole time', () => {
  toasts.say('One.');
  toasts.say('Two.');
  clock.pass(SHOW_MS - 1);
  toasts.dismiss();
  expect(toasts.current.value?.message).toBe('Two.');
  clock.pass(SHOW_MS - 1);
  expect(toasts.current.value?.message).toBe('Two.');
  clock.pass(1);
  expect(toasts.current.value).toBeNull();
});

test('the same words are not queued twice in a row', () => {
  toasts.say('One.');
  toasts.say('Two.');
  toasts.say('Two.');
  clock.pass(SHOW_MS);
  clock.pass(SHOW_MS);
  expect(toasts.current.value).toBeNull();
});

test('up to three by name, then a count', () => {
  expect(sentence('joined', ['Ana'])).toBe('Ana joined');
  expect(sentence('left', ['Ana', 'Ben', 'Chiara'])).toBe('Ana, Ben, and Chiara left');
  expect(sentence('joined', ['Ana', 'Ben', 'Chiara', 'Dmitri'])).toBe('Ana, Ben, and 2 more joined');
});

test('one that offers something stays until one could get there', () => {
  let ran = 0;
  toasts.say('Changed', { label: 'Copy', run: () => ran++ });
  toasts.say('Next');
  clock.pass(SHOW_MS * 2);
  expect(toasts.current.value?.message).toBe('Changed');
  toasts.current.value?.offer?.run();
  expect(ran).toBe(1);
  clock.pass(OFFER_MS - SHOW_MS * 2);
  expect(toasts.current.value?.message).toBe('Next');
});
