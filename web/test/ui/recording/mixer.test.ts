import { signal } from '@preact/signals';
import { expect, test } from 'vitest';
import { soundKey } from '../../../src/call/stage.ts';
import type { Meeting } from '../../../src/call/view.ts';
import { heardIn, Mixer } from '../../../src/ui/recording/mixer.ts';
import { fakeTile } from '../fake.ts';

const stream = (name: string) => ({ name, getAudioTracks: () => [name] }) as unknown as MediaStream;

test('a recording has everybody as loud as they are here, whoever is muted here not at all, and oneself', () => {
  const [self, loud, low, muted] = [0, 1, 2, 3].map((i) => fakeTile(i, { self: i === 0, audio: stream(`${i}`) }));
  if (!self || !loud || !low || !muted) throw new Error('there are four');
  const volumes = new Map([
    [soundKey(low), { level: 0.25, muted: false }],
    [soundKey(muted), { level: 1, muted: true }],
  ]);
  const meeting = {
    tiles: signal([self, loud, low, muted]),
    stage: { volumes: signal(volumes) },
    recording: { sound: () => [stream('own')] },
  } as unknown as Meeting;
  const heard = heardIn(meeting).map(({ stream, level }) => [(stream as unknown as { name: string }).name, level]);
  expect(heard).toEqual([
    ['1', 1],
    ['2', 0.25],
    ['own', 1],
  ]);
});

test('the mix follows who is there and how loud', () => {
  const log: string[] = [];
  const node = (name: string) => ({
    name,
    gain: { value: 1 },
    connect: (to: unknown) => to,
    disconnect: () => void log.push(`${name} away`),
  });
  const gains: ReturnType<typeof node>[] = [];
  const context = {
    createMediaStreamDestination: () => node('out'),
    createMediaStreamSource: ({ name }: { name: string }) => {
      log.push(`${name} comes`);
      return node(name);
    },
    createGain: () => {
      const gain = node('gain');
      gains.push(gain);
      return gain;
    },
  } as unknown as AudioContext;
  const mixer = new Mixer(context);
  const [ada, ben] = [stream('ada'), stream('ben')];
  mixer.hear([
    { stream: ada, level: 1 },
    { stream: ben, level: 0.5 },
  ]);
  expect(gains.map(({ gain }) => gain.value)).toEqual([1, 0.5]);
  mixer.hear([{ stream: ben, level: 0.1 }]);
  expect(gains[1]?.gain.value).toBe(0.1);
  expect(log).toEqual(['ada comes', 'ben comes', 'ada away', 'gain away']);
});
