// Several encodings of one video pass one transform, and a server chooses among them as it likes.
import { describe, expect, test } from 'vitest';
import { Counts } from '../../src/worker/counts.ts';
import { frameCrypto } from '../../src/worker/crypto.ts';
import { parseHeader } from '../../src/worker/frames/header.ts';
import { type EncodedFrame, type FrameOpener, opening, sealing } from '../../src/worker/pipeline.ts';

const camera = { source: 'camera', codec: 'vp8' } as const;
const kid = 5n << 16n;
const key = new Uint8Array(32).fill(7);
const layers = ['q', 'h', 'f'] as const;
type Layer = (typeof layers)[number];

interface Sealed {
  layer: Layer;
  picture: number;
  frame: EncodedFrame;
}

/** As an encoder gives them: each picture in every size, and now and then a key frame. */
async function filmed(pictures: number): Promise<Sealed[]> {
  const sealer = frameCrypto.sealer(kid, new Uint8Array(key));
  const counts = new Counts('s1', 'seal');
  const all: Sealed[] = [];
  const transform = sealing(() => sealer, camera, counts);
  const jobs: Promise<void>[] = [];
  for (let picture = 0; picture < pictures; picture++) {
    for (const [ssrc, layer] of layers.entries()) {
      const type = picture % 20 === 0 ? 'key' : 'delta';
      const bytes = Uint8Array.of(type === 'key' ? 0 : 1, picture, ssrc, ...new Uint8Array(20));
      const frame: EncodedFrame = {
        data: bytes.buffer,
        type,
        getMetadata: () => ({ mimeType: 'video/VP8', synchronizationSource: ssrc, rtpTimestamp: picture * 3000 }),
      };
      all.push({ layer, picture, frame });
      jobs.push(transform(frame, { enqueue: () => {} })); // not awaited: browsers may not wait either
    }
  }
  await Promise.all(jobs);
  expect(counts.take()).toMatchObject({ passed: pictures * layers.length, failed: 0, dropped: 0 });
  return all;
}

function counterOf({ frame }: Sealed): bigint {
  const sealed = new Uint8Array(frame.data);
  return parseHeader(sealed.subarray((sealed[0] ?? 0) & 1 ? 1 : 10)).ctr;
}

/** A receiver; what it says of frames that are sent to it. */
function receiver() {
  const keys = frameCrypto.opener();
  keys.add(kid, new Uint8Array(key));
  const opener: FrameOpener = {
    open: async (source, codec, sealed) => (await keys.open(source, codec, sealed)).frame,
  };
  const counts = new Counts('r1', 'open');
  const transform = opening(
    () => opener,
    camera,
    counts,
    () => {},
  );
  return async (frames: Sealed[]) => {
    // A copy: a transform leaves the opened frame in the place of the sealed one.
    for (const { frame } of frames) await transform({ ...frame, data: frame.data.slice(0) }, { enqueue: () => {} });
    const { passed, failed, last } = counts.take() ?? { passed: 0, failed: 0, last: null };
    return { passed, failed, last };
  };
}

describe('several encodings under one key', () => {
  test('share one counter: none is used twice, whichever encoding it is for', async () => {
    const all = await filmed(200);
    expect(new Set(all.map(counterOf)).size).toBe(600);
  });

  test('a switch of layers is no replay, up and down and back to one that was left', async () => {
    const all = await filmed(100);
    const chosen = (picture: number): Layer => layers[Math.floor(picture / 20) % 3] ?? 'q'; // q h f q h
    const sent = all.filter(({ layer, picture }) => layer === chosen(picture));
    expect(await receiver()(sent)).toEqual({ passed: 100, failed: 0, last: null });
  });

  test('nor is it one when the encoding before is still on its way', async () => {
    const all = await filmed(40);
    const before = all.filter(({ layer, picture }) => layer === 'f' && picture < 20);
    const after = all.filter(({ layer, picture }) => layer === 'q' && picture >= 20);
    const late = before.splice(-5);
    const receive = receiver();
    expect(await receive([...before, ...after.slice(0, 8), ...late, ...after.slice(8)])).toMatchObject({ failed: 0 });
  });

  test('a frame that was sent before is one, after a switch as well', async () => {
    const all = await filmed(60);
    const of = (wanted: Layer) => all.filter(({ layer }) => layer === wanted);
    const receive = receiver();
    expect(await receive([...of('q').slice(0, 20), ...of('f').slice(20, 40)])).toMatchObject({ passed: 40, failed: 0 });
    expect(await receive(of('q').slice(0, 20))).toEqual({ passed: 40, failed: 20, last: 'replay' });
  });
});
