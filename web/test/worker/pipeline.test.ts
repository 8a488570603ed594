import { describe, expect, test } from 'vitest';
import { Counts } from '../../src/worker/counts.ts';
import {
  type Arrival,
  type EncodedFrame,
  type FrameOpener,
  type FrameSealer,
  opening,
  sealing,
} from '../../src/worker/pipeline.ts';

const meaning = { source: 'camera', codec: 'vp8' } as const;
const plain = 'a face, in the clear';

function frame(text: string, type?: 'key' | 'delta' | 'empty', mimeType?: string): EncodedFrame {
  const data = new TextEncoder().encode(text).buffer;
  return { data, ...(type ? { type } : {}), ...(mimeType ? { getMetadata: () => ({ mimeType }) } : {}) };
}

function text(data: ArrayBuffer): string {
  return new TextDecoder().decode(data);
}

/** Where frames that are let through arrive. */
class Out {
  readonly frames: EncodedFrame[] = [];

  enqueue(passed: EncodedFrame): void {
    this.frames.push(passed);
  }

  texts(): string[] {
    return this.frames.map((f) => text(f.data));
  }
}

const reversing: FrameSealer & FrameOpener = {
  seal: async (_source, _codec, f) => f.slice().reverse().buffer,
  open: async (_source, _codec, f) => f.slice().reverse().buffer,
};

describe('sealing', () => {
  test('passes what was sealed, and counts it', async () => {
    const out = new Out();
    const counts = new Counts('s1', 'seal');
    await sealing(() => reversing, meaning, counts)(frame(plain, 'key'), out);
    expect(out.texts()).toEqual([[...plain].reverse().join('')]);
    expect(counts.take()).toEqual({ track: 's1', direction: 'seal', passed: 1, failed: 0, dropped: 0, last: null });
    expect(counts.take()).toBeNull();
  });

  const throwing = (error: unknown): FrameSealer => ({ seal: () => Promise.reject(error) });
  const atOnce: FrameSealer = {
    seal: () => {
      throw new Error('not even a promise');
    },
  };
  test.each<[string, FrameSealer | null, EncodedFrame, object]>([
    ['there is no key', null, frame(plain, 'key'), { dropped: 1, last: 'no_key' }],
    ['there is no key, for audio', null, frame(plain), { dropped: 1, last: 'no_key' }],
    [
      'sealing fails',
      throwing(Object.assign(new Error(), { code: 'exhausted' })),
      frame(plain),
      { failed: 1, last: 'exhausted' },
    ],
    ['sealing fails for no reason known', throwing(null), frame(plain), { failed: 1, last: 'internal' }],
    ['sealing throws', atOnce, frame(plain), { failed: 1, last: 'internal' }],
    ['the frame is empty', reversing, frame(''), { dropped: 1, last: 'empty' }],
    ['the encoder calls it empty', reversing, frame(plain, 'empty'), { dropped: 1, last: 'empty' }],
    ['it is of another codec', reversing, frame(plain, 'key', 'video/VP9'), { dropped: 1, last: 'wrong_codec' }],
    ['it is redundant audio', reversing, frame(plain, undefined, 'audio/red'), { dropped: 1, last: 'wrong_codec' }],
  ])('passes nothing when %s', async (_, sealer, plaintext, expected) => {
    const out = new Out();
    const counts = new Counts('s1', 'seal');
    await sealing(() => sealer, meaning, counts)(plaintext, out);
    expect(out.frames).toEqual([]);
    expect(counts.take()).toMatchObject({ passed: 0, ...expected });
  });

  test('takes the sealer of the moment for each frame', async () => {
    const out = new Out();
    const current: { sealer: FrameSealer | null } = { sealer: null };
    const transform = sealing(() => current.sealer, meaning, new Counts('s1', 'seal'));
    await transform(frame(plain), out);
    current.sealer = reversing;
    await transform(frame(plain), out);
    current.sealer = null;
    await transform(frame(plain), out);
    expect(out.frames.length).toBe(1);
    expect(out.texts()).not.toContain(plain);
  });
});

describe('opening', () => {
  const refusing: FrameOpener = { open: () => Promise.reject(Object.assign(new Error(), { code: 'authentication' })) };

  test('passes what verified', async () => {
    const out = new Out();
    const counts = new Counts('r1', 'open');
    await opening(
      () => reversing,
      meaning,
      counts,
      () => {},
    )(frame('abc', 'key'), out);
    expect(out.texts()).toEqual(['cba']);
    expect(counts.take()).toMatchObject({ passed: 1, last: null });
  });

  test.each<[string, FrameOpener | null, EncodedFrame, object]>([
    ['does not verify', refusing, frame(plain, 'key'), { failed: 1, last: 'authentication' }],
    ['has no opener', null, frame(plain, 'key'), { dropped: 1, last: 'no_key' }],
    ['is empty', reversing, frame(''), { dropped: 1, last: 'empty' }],
  ])('passes nothing that %s: neither ciphertext nor what a server put there', async (_, opener, sealed, expected) => {
    const out = new Out();
    const counts = new Counts('r1', 'open');
    await opening(
      () => opener,
      meaning,
      counts,
      () => {},
    )(sealed, out);
    expect(out.frames).toEqual([]);
    expect(counts.take()).toMatchObject({ passed: 0, ...expected });
  });

  test('says when a frame is to be played and on which track: a new one for each transform and SSRC', async () => {
    const arrivals: Arrival[] = [];
    const noting: FrameOpener = {
      open: async (_source, _codec, sealed, arrival) => {
        arrivals.push(arrival);
        return sealed.buffer;
      },
    };
    const make = () =>
      opening(
        () => noting,
        { source: 'mic', codec: 'opus' },
        new Counts('r1', 'open'),
        () => {},
      );
    const put = (transform: ReturnType<typeof opening>, rtpTimestamp: number, synchronizationSource: number) =>
      transform({ ...frame('x'), getMetadata: () => ({ rtpTimestamp, synchronizationSource }) }, new Out());
    const [one, other] = [make(), make()];
    await put(one, 1, 7);
    await put(one, 2, 7);
    await put(one, 3, 8);
    await put(other, 4, 8);
    await one(frame('x'), new Out());
    expect(arrivals.map((a) => a.timestamp)).toEqual([1, 2, 3, 4, undefined]);
    const tracks = arrivals.map((a) => a.track);
    expect(tracks[1]).toBe(tracks[0]);
    expect(new Set(tracks).size).toBe(4);
  });

  test('asks for a key frame while deltas open and no key frame has', async () => {
    const asked: string[] = [];
    const current: { opener: FrameOpener } = { opener: refusing };
    const transform = opening(
      () => current.opener,
      meaning,
      new Counts('r1', 'open'),
      () => asked.push('key frame'),
    );
    const out = new Out();
    await transform(frame('key', 'key'), out); // came before its key
    current.opener = reversing;
    await transform(frame('one', 'delta'), out);
    expect(asked).toEqual(['key frame']);
    await transform(frame('key', 'key'), out);
    await transform(frame('two', 'delta'), out);
    expect(asked).toEqual(['key frame']);
    current.opener = refusing;
    await transform(frame('three', 'delta'), out); // lost: what follows may build on it
    current.opener = reversing;
    await transform(frame('four', 'delta'), out);
    expect(asked).toEqual(['key frame', 'key frame']);
  });

  test('asks for no key frame because of a frame that came twice', async () => {
    const asked: string[] = [];
    const again: FrameOpener = { open: () => Promise.reject(Object.assign(new Error(), { code: 'replay' })) };
    const current: { opener: FrameOpener } = { opener: reversing };
    const transform = opening(
      () => current.opener,
      meaning,
      new Counts('r1', 'open'),
      () => asked.push('key frame'),
    );
    const out = new Out();
    await transform(frame('key', 'key'), out);
    current.opener = again;
    await transform(frame('key', 'key'), out);
    current.opener = reversing;
    await transform(frame('one', 'delta'), out);
    expect(asked).toEqual([]);
  });

  test('never asks for a key frame of sound', async () => {
    const asked: string[] = [];
    const transform = opening(
      () => reversing,
      meaning,
      new Counts('r1', 'open'),
      () => asked.push('key frame'),
    );
    await transform(frame('opus'), new Out());
    expect(asked).toEqual([]);
  });
});
