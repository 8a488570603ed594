import { expect, test } from 'vitest';
import { pipe } from '../../src/worker/pipe.ts';
import type { EncodedFrame, Transform } from '../../src/worker/pipeline.ts';

const frame = (size: number): EncodedFrame => ({ data: new ArrayBuffer(size) });

/** A source that is fed by hand, and a sink that keeps what it is given. */
function streams() {
  const seen: (number | 'closed' | 'aborted' | 'cancelled')[] = [];
  const hands: { feed?: ReadableStreamDefaultController<EncodedFrame>; sink?: WritableStreamDefaultController } = {};
  const readable = new ReadableStream<EncodedFrame>({
    start(controller) {
      hands.feed = controller;
    },
    cancel() {
      seen.push('cancelled');
    },
  });
  const writable = new WritableStream<EncodedFrame>({
    start(controller) {
      hands.sink = controller;
    },
    write({ data }) {
      seen.push(data.byteLength);
    },
    close() {
      seen.push('closed');
    },
    abort() {
      seen.push('aborted');
    },
  });
  return { readable, writable, seen, ...(hands as Required<typeof hands>) };
}

const pass: Transform = async (frame, controller) => controller.enqueue(frame);

test('frames leave one after the other, in their order, without those that may not pass; the end is passed on', async () => {
  const { readable, writable, feed, seen } = streams();
  const waits = [5, 0, 3, 0];
  let busy = 0;
  const piped = pipe({ readable, writable }, async (frame, controller) => {
    expect(++busy).toBe(1);
    for (let turns = waits.shift() ?? 0; turns > 0; turns--) await null;
    busy--;
    if (frame.data.byteLength !== 3) controller.enqueue(frame);
  });
  for (const size of [1, 2, 3, 4]) feed.enqueue(frame(size));
  feed.close();
  await piped;
  expect(seen).toEqual([1, 2, 4, 'closed']);
});

test('a source that fails ends the sink, and is told', async () => {
  const { readable, writable, feed, seen } = streams();
  const piped = pipe({ readable, writable }, pass);
  feed.error(new Error('gone'));
  await expect(piped).rejects.toThrow('gone');
  expect(seen).toEqual(['aborted']);
});

test('a transform that throws lets nothing more pass', async () => {
  const { readable, writable, feed, seen } = streams();
  const piped = pipe({ readable, writable }, () => Promise.reject(new Error('our bug')));
  feed.enqueue(frame(1));
  feed.enqueue(frame(2));
  await expect(piped).rejects.toThrow('our bug');
  expect(seen.sort()).toEqual(['aborted', 'cancelled']);
});

test('a sink that has ended lets go of the source', async () => {
  const { readable, writable, feed, sink, seen } = streams();
  const piped = pipe({ readable, writable }, pass);
  sink.error(new Error('gone'));
  feed.enqueue(frame(1));
  await piped;
  expect(seen).toEqual(['cancelled']);
});
