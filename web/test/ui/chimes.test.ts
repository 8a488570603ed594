// Chimes come from where the voices come from.
import { afterEach, expect, test, vi } from 'vitest';
import { Chimes } from '../../src/ui/notify/chimes.ts';

class Node {
  readonly gain = { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} };
  readonly to: Node[] = [];
  connect(to: Node) {
    this.to.push(to);
    return to;
  }
  start() {}
  stop() {}
}

class FakeAudio {
  srcObject: unknown = null;
  sinkId = '';
  playing = false;
  async setSinkId(id: string) {
    this.sinkId = id;
  }
  async play() {
    this.playing = true;
  }
}

afterEach(() => vi.unstubAllGlobals());

test('they are heard from the chosen speaker, and from the system’s where none was chosen', async () => {
  const elements: FakeAudio[] = [];
  const gains: Node[] = [];
  const make = (list: unknown[], Class: new () => object) =>
    function made() {
      const one = new Class();
      list.push(one);
      return one;
    };
  vi.stubGlobal('OscillatorNode', make([], Node));
  vi.stubGlobal('GainNode', make(gains, Node));
  vi.stubGlobal('Audio', make(elements, FakeAudio));
  const [destination, away] = [new Node(), Object.assign(new Node(), { stream: 'stream' })];
  const context = { state: 'running', currentTime: 0, destination, createMediaStreamDestination: () => away };
  let time = 0;
  const chimes = new Chimes(
    () => context as unknown as AudioContext,
    () => time,
  );
  chimes.play('left');
  expect(gains.map(({ to }) => to)).toEqual([[destination], [destination]]);
  expect(elements).toEqual([]);

  chimes.hearFrom('usb');
  time += 2000;
  chimes.play('left');
  expect(gains.slice(2).map(({ to }) => to)).toEqual([[away], [away]]);
  await vi.waitFor(() => expect(elements).toMatchObject([{ srcObject: 'stream', sinkId: 'usb', playing: true }]));

  chimes.hearFrom('screen');
  expect(elements[0]?.sinkId).toBe('screen');
  chimes.hearFrom('');
  time += 2000;
  chimes.play('left');
  expect(gains.at(-1)?.to).toEqual([destination]);
});
