// Frames on their way through a transform, from one end of a track to the other.
import type { EncodedFrame, Transform } from './pipeline.ts';

export interface Streams {
  readable: ReadableStream<EncodedFrame>;
  writable: WritableStream<EncodedFrame>;
}

/**
 * Runs a transform over a pair of streams, a frame after the other, until the browser ends them; what comes until then
 * and may not pass is dropped. By hand: a TransformStream between two pipes does the same in more turns for each frame.
 */
export async function pipe({ readable, writable }: Streams, transform: Transform): Promise<void> {
  const reader = readable.getReader();
  const writer = writable.getWriter();
  let ended = false;
  writer.closed.catch(() => {
    ended = true;
  });
  const onward = {
    enqueue(frame: EncodedFrame) {
      writer.write(frame).catch(() => {}); // `closed` says it, too
    },
  };
  try {
    while (!ended) {
      const { done, value } = await reader.read();
      if (done) return await writer.close();
      await transform(value, onward);
    }
    await reader.cancel();
  } catch (error) {
    await Promise.allSettled([reader.cancel(error), writer.abort(error)]);
    throw error;
  }
}
