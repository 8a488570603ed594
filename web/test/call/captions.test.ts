// Captions: off until wanted, made on the device or not at all, never of a closed microphone, and few on the screen.
import { beforeEach, describe, expect, test } from 'vitest';
import { Captions, type Recognizer } from '../../src/call/captions.ts';
import { LocalSpeech } from '../../src/call/local_speech.ts';
import { encodeSaid } from '../../src/call/said.ts';
import { Sealed } from '../../src/call/sealed.ts';
import type { Device } from '../../src/wire.ts';
import { FakeTimers } from './fake_socket.ts';

const track = { readyState: 'live' } as MediaStreamTrack;

class FakeRecognizer implements Recognizer {
  local = true;
  heard: ((text: string, done: boolean) => void) | null = null;
  available = async () => this.local;
  start(_: MediaStreamTrack, heard: (text: string, done: boolean) => void): () => void {
    this.heard = heard;
    return () => {
      this.heard = null;
    };
  }
}

let timers: FakeTimers;
let recognizer: FakeRecognizer;
let sealed: Sealed;
let captions: Captions;
let sent: string[];

beforeEach(() => {
  timers = new FakeTimers();
  recognizer = new FakeRecognizer();
  sent = [];
  sealed = new Sealed({ ready: () => true, name: () => 'Ada', now: () => timers.time });
  sealed.speakThrough({
    self: { user: '@ada:x', device: 'ADA', join_id: 'AAAA' },
    people: { find: () => null, name: ({ device }) => device, reaches: () => true },
    sayToAll: (_, body) => void sent.push((JSON.parse(atob(body)) as { text: string }).text),
    sayTo: () => {},
  });
  captions = new Captions(sealed, recognizer, {
    now: () => timers.time,
    setTimeout: timers.setTimeout.bind(timers),
    clearTimeout: timers.clearTimeout.bind(timers),
  });
});

function says(name: string, text: unknown): void {
  const from: Device = { user: `@${name}:x`, device: name, join_id: name };
  sealed.heard({ type: 'heard', from, kind: 'grotto.caption', body: encodeSaid({ text }) });
}

const shown = () => captions.shown.value.map(({ name, text }) => `${name}: ${text}`);

test('nothing is written down or shown until that is wanted', () => {
  captions.listenTo(track);
  says('Ben', 'Hello');
  expect([recognizer.heard, shown()]).toEqual([null, []]);
});

test('those who spoke last are shown for a while, three at most, each with their newest words', () => {
  captions.show(true);
  for (const name of ['Ben', 'Cleo', 'Dora', 'Esi']) says(name, 'Hello');
  says('Cleo', 'Hello \u202ethere\n all');
  expect(shown()).toEqual(['Dora: Hello', 'Esi: Hello', 'Cleo: Hello there all']);
  timers.pass(3000);
  says('Esi', 'again');
  says('Esi', 7);
  timers.pass(3000);
  expect(shown()).toEqual(['Esi: again']);
  sealed.left({ user: '@Esi:x', device: 'Esi', join_id: 'Esi' });
  expect(shown()).toEqual([]);
});

test('of a long speech the end is shown, from a word on', () => {
  captions.show(true);
  says('Ben', `first ${'word '.repeat(100)}last`);
  expect(shown()[0]).toMatch(/^Ben: (word )+last$/);
  expect(shown()[0]?.length).toBeLessThanOrEqual(305);
});

test('what one says is written while the microphone is open, a few times a sentence', async () => {
  captions.show(true);
  await captions.give(true);
  expect(recognizer.heard).toBeNull();
  captions.listenTo(track);
  for (const text of ['We', 'We should', 'We should go']) recognizer.heard?.(text, false);
  recognizer.heard?.('We should go now', true);
  expect(sent).toEqual(['We', 'We should go now']);
  expect(shown()).toEqual(['Ada: We should go now']);
  captions.listenTo(null);
  expect(recognizer.heard).toBeNull();
  captions.listenTo(track);
  await captions.give(false);
  expect([recognizer.heard, captions.giving.value]).toEqual([null, 'off']);
});

test('a call that ends ends them too', async () => {
  captions.show(true);
  await captions.give(true);
  captions.listenTo(track);
  sealed.end();
  expect([recognizer.heard, captions.on.value, captions.giving.value]).toEqual([null, false, 'off']);
});

test('without recognition on the device nothing is sent anywhere', async () => {
  recognizer.local = false;
  captions.listenTo(track);
  await captions.give(true);
  expect([recognizer.heard, captions.giving.value]).toEqual([null, 'unavailable']);
});

describe('the browser’s own', () => {
  class Recognition {
    static made: Recognition[] = [];
    static answer = 'available';
    static available = async (asked: object) => (JSON.stringify(asked).includes('true') ? Recognition.answer : '');
    lang = '';
    started: unknown[] = [];
    onresult: ((event: object) => void) | null = null;
    onend: (() => void) | null = null;
    constructor() {
      Recognition.made.push(this);
    }
    get processLocally(): boolean {
      return this.local;
    }
    set processLocally(on: boolean) {
      this.local = on;
    }
    private local = false;
    start(on: unknown): void {
      this.started.push(this.local ? on : 'far away');
    }
    abort(): void {
      this.started.push('aborted');
    }
  }

  test.each(['downloadable', 'downloading', 'unavailable'])('is not used while the language is %s', async (answer) => {
    Recognition.answer = answer;
    expect(await new LocalSpeech({ SpeechRecognition: Recognition }, 'de').available()).toBe(false);
  });

  test('is not used where it cannot promise to stay on the device', async () => {
    expect(await new LocalSpeech({}, 'de').available()).toBe(false);
    const old = Object.assign(class {}, { available: async () => 'available' });
    expect(await new LocalSpeech({ SpeechRecognition: old }, 'de').available()).toBe(false);
    const { available } = Recognition;
    expect(await new LocalSpeech({ webkitSpeechRecognition: { available } }, 'de').available()).toBe(false);
  });

  test('listens to our own track, locally, until it is stopped', async () => {
    Recognition.answer = 'available';
    const speech = new LocalSpeech({ SpeechRecognition: Recognition }, 'de');
    expect(await speech.available()).toBe(true);
    const heard: unknown[] = [];
    const stop = speech.start(track, (...words) => heard.push(words));
    const [recognition] = Recognition.made;
    const result = (transcript: string, isFinal: boolean) => Object.assign([{ transcript }], { isFinal });
    recognition?.onresult?.({ resultIndex: 1, results: [result('old', true), result('Guten', false)] });
    recognition?.onresult?.({ resultIndex: 1, results: [result('old', true), result('Guten Tag', true)] });
    stop();
    recognition?.onresult?.({ resultIndex: 0, results: [result('more', true)] });
    recognition?.onend?.();
    expect(heard).toEqual([
      ['Guten', false],
      ['Guten Tag', true],
    ]);
    expect([recognition?.lang, recognition?.started]).toEqual(['de', [track, 'aborted']]);
  });
});
