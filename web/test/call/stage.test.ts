import { signal } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Line } from '../../src/call/line.ts';
import { MutedHint } from '../../src/call/muted_hint.ts';
import { numbersOf, type Stat } from '../../src/call/numbers.ts';
import { Viewport } from '../../src/call/showing.ts';
import { Spoken } from '../../src/call/spoken.ts';
import { nextSpeaker, Stage, soundKey, volumeOf } from '../../src/call/stage.ts';
import { unchanged } from '../../src/call/unchanged.ts';
import { fakeTile } from '../ui/fake.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const people = (...speaking: number[]) => [
  fakeTile(0, { self: true, speaking: speaking.includes(0) }),
  ...[1, 2, 3].map((index) => fakeTile(index, { speaking: speaking.includes(index) })),
];

describe('whoever is looked at', () => {
  test('is the first of the others until somebody speaks', () => {
    expect(nextSpeaker(null, people())).toBe('person-1');
    expect(nextSpeaker(null, people(3))).toBe('person-3');
    expect(nextSpeaker(null, [fakeTile(0, { self: true })])).toBeNull();
  });

  test('stays while they speak, and after that until another does', () => {
    expect(nextSpeaker('person-2', people(1, 2))).toBe('person-2');
    expect(nextSpeaker('person-2', people())).toBe('person-2');
    expect(nextSpeaker('person-2', people(1))).toBe('person-1');
  });

  test('is never oneself, nor somebody who left, nor a screen', () => {
    expect(nextSpeaker('person-2', people(0))).toBe('person-2');
    expect(nextSpeaker('person-9', people())).toBe('person-1');
    const screen = fakeTile(1, { key: 'screen', kind: 'screen', speaking: true });
    expect(nextSpeaker(null, [screen, ...people()])).toBe('person-1');
  });
});

describe('the time each spoke', () => {
  function bench() {
    let now = 0;
    const spoken = new Spoken(() => now);
    const passed = (ms: number, ...speaking: number[]) => {
      now += ms;
      spoken.hear(people(...speaking));
    };
    const list = () => spoken.list().map(({ name, ms, here }) => `${name} ${ms}${here ? '' : ' left'}`);
    return { spoken, passed, list, wait: (ms: number) => (now += ms) };
  }

  test('is counted, also while they speak, and whoever spoke most comes first', () => {
    const { passed, list, wait } = bench();
    passed(0, 1);
    passed(4000, 1, 2);
    passed(1000, 2);
    wait(9000);
    expect(list()).toEqual(['Chiara Rossi 10000', 'Ben Okafor 5000', 'Ana Lindqvist 0', 'Dmitri Volkov 0']);
  });

  test('of who left stays, if there is any', () => {
    const { spoken, passed, list } = bench();
    passed(0, 1);
    passed(4000);
    spoken.hear([]);
    expect(list()).toEqual(['Ben Okafor 4000 left']);
    passed(0, 1);
    expect(list()[0]).toBe('Ben Okafor 4000');
  });

  test('of people who come and go without end is not kept for ever', () => {
    let now = 0;
    const spoken = new Spoken(() => now);
    for (let index = 0; index < 500; index++) {
      spoken.hear([fakeTile(index, { speaking: true })]);
      now += index;
    }
    spoken.hear([]);
    expect(spoken.list().length).toBe(100);
    expect(spoken.list()[0]?.key).toBe('person-499');
  });
});

test('volumes are within bounds, and what is muted is not sent', () => {
  const viewport = new Viewport(() => {});
  const muted = { inCall: () => true, mic: signal(true), listen: async () => () => {} };
  const stage = new Stage({ viewport, stats: () => null, lineChanged: () => {}, muted });
  const ben = fakeTile(1);
  expect(volumeOf(stage.volumes.value, ben)).toEqual({ level: 1, muted: false });
  stage.setVolume(ben, { level: 7, muted: true });
  expect(volumeOf(stage.volumes.value, ben)).toEqual({ level: 1, muted: true });
  expect(viewport.isHushed(soundKey(ben))).toBe(true);
  expect(viewport.isHushed(soundKey({ ...ben, kind: 'screen' }))).toBe(false);
  stage.setVolume(ben, { level: -1, muted: false });
  expect(volumeOf(stage.volumes.value, { ...ben, key: 'came back' } as typeof ben).level).toBe(0);
  expect(viewport.isHushed(soundKey(ben))).toBe(false);
});

describe('numbers', () => {
  const video = { id: 'v', type: 'inbound-rtp', kind: 'video', codecId: 'c' };
  const codec = { id: 'c', type: 'codec', timestamp: 0, mimeType: 'video/VP8' };

  test('of what comes in are of the time between two looks', () => {
    const before: Stat[] = [{ ...video, timestamp: 1000, bytesReceived: 1000, packetsReceived: 100, packetsLost: 50 }];
    const now: Stat[] = [
      { ...video, timestamp: 3000, bytesReceived: 251_000, packetsReceived: 198, packetsLost: 52, jitter: 0.0123 },
      codec,
      { id: 'p', type: 'candidate-pair', timestamp: 3000, nominated: true, currentRoundTripTime: 0.0456 },
    ];
    expect(numbersOf(now, before)).toMatchObject({
      picture: { kilobits: 1000, lost: 0.02, jitterMs: 12, codec: 'VP8', width: null, limit: null },
      sound: null,
      roundTripMs: 46,
    });
    expect(numbersOf(now, []).picture?.kilobits).toBeNull();
  });

  test('of what goes out are those of the largest size, all sizes together on the line, and of what the server lost', () => {
    const layer = (id: string, frameWidth: number, bytesSent: number, timestamp: number): Stat => ({
      ...{ id, type: 'outbound-rtp', kind: 'video', codecId: 'c', frameWidth, frameHeight: frameWidth / 2 },
      ...{ bytesSent, timestamp, framesPerSecond: 24.6, qualityLimitationReason: 'cpu' },
    });
    const now = [
      layer('a', 320, 1000, 1000),
      layer('b', 640, 3000, 1000),
      codec,
      { id: 'r', type: 'remote-inbound-rtp', kind: 'video', timestamp: 0, fractionLost: 0.25, roundTripTime: 0.1 },
    ];
    const before = [layer('a', 320, 0, 0), layer('b', 640, 0, 0)];
    expect(numbersOf(now, before)).toEqual({
      picture: {
        ...{
          kilobits: 32,
          lost: 0.25,
          jitterMs: null,
          width: 640,
          height: 320,
          frames: 25,
          codec: 'VP8',
          limit: 'cpu',
        },
      },
      sound: null,
      roundTripMs: 100,
    });
  });
});

test('a line is weak after two bad looks, and well after two good ones', async () => {
  const told: boolean[] = [];
  const line: Line = new Line(() => told.push(line.weak));
  let lost = 0;
  line.watch(async () => [
    { id: 'r', type: 'remote-inbound-rtp', kind: 'audio', timestamp: 0, fractionLost: lost },
    out,
  ]);
  const out: Stat = { id: 'o', type: 'outbound-rtp', kind: 'audio', timestamp: 0 };
  const looks = async (...losses: number[]) => {
    for (lost of losses) await vi.advanceTimersByTimeAsync(4000);
  };
  await looks(0, 0.3, 0, 0.3, 0.02);
  expect(told).toEqual([]);
  await looks(0.3, 0.3, 0.3, 0, 0.3);
  expect(told).toEqual([true]);
  await looks(0, 0);
  expect(told).toEqual([true, false]);
  await looks(1, 1);
  line.stop();
  expect(line.weak).toBe(false);
});

describe('who speaks while muted', () => {
  async function bench() {
    const mic = signal(true);
    const inCall = signal(true);
    let hear = (_: number) => {};
    const closed = vi.fn();
    const listen = vi.fn(async (heard: (loudness: number) => void) => {
      hear = heard;
      return closed;
    });
    const hint = new MutedHint({ inCall: () => inCall.value, mic, listen });
    const say = (...loudness: number[]) => {
      for (const one of loudness) hear(one);
    };
    return { mic, inCall, closed, listen, hint, say };
  }
  const words = Array.from({ length: 8 }, () => 0.1);

  test('is told only if they want that, and the microphone is open for no longer', async () => {
    const { mic, inCall, closed, listen, hint, say } = await bench();
    mic.value = false;
    expect(listen).not.toHaveBeenCalled();
    hint.setWanted(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(listen).toHaveBeenCalledTimes(1);
    say(...words);
    expect(hint.speaking.value).toBe(true);
    mic.value = true;
    expect(hint.speaking.value).toBe(false);
    expect(closed).toHaveBeenCalledTimes(1);
    say(...words);
    expect(hint.speaking.value).toBe(false);
    mic.value = false;
    await vi.advanceTimersByTimeAsync(0);
    expect(listen).toHaveBeenCalledTimes(2);
    inCall.value = false;
    expect(closed).toHaveBeenCalledTimes(2);
  });

  test('is not told of a cough or a quiet room, and of words for some seconds', async () => {
    const { mic, hint, say } = await bench();
    mic.value = false;
    hint.setWanted(true);
    await vi.advanceTimersByTimeAsync(0);
    say(0.3, 0.3, 0.3, 0.3, 0, 0, 0, 0, 0.3, 0.3, 0.3, 0.3, ...Array.from({ length: 50 }, () => 0.01));
    expect(hint.speaking.value).toBe(false);
    say(0.1, 0.1, 0, 0, 0.1, 0.1, 0.1, 0, 0.1, 0.1, 0.1);
    expect(hint.speaking.value).toBe(true);
    await vi.advanceTimersByTimeAsync(6000);
    expect(hint.speaking.value).toBe(false);
  });

  test('a microphone that cannot be had switches it off; one that comes too late is closed', async () => {
    const mic = signal(false);
    const none = new MutedHint({ inCall: () => true, mic, listen: () => Promise.reject(new Error('none')) });
    none.setWanted(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(none.wanted.value).toBe(false);
    const { mic: later, hint, closed } = await bench();
    later.value = false;
    hint.setWanted(true);
    hint.setWanted(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(closed).toHaveBeenCalledTimes(1);
  });
});

test('what did not change stays the same object, and a list without a change the same list', () => {
  const before = people(1);
  const same = unchanged(before, people(1));
  expect(same).toBe(before);
  const after = unchanged(before, people(2));
  expect(after.map((tile, index) => tile === before[index])).toEqual([true, false, false, true]);
  expect(unchanged(before, before.slice(0, 3))).not.toBe(before);
  expect(unchanged(before, [...before].reverse())[0]).toBe(before[3]);
});
