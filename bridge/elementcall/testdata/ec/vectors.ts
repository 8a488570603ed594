// Makes ../../lkframe/testdata/frames.json with livekit-client's own code:
//   npm ci && node ../../../../web/node_modules/rolldown/bin/cli.mjs vectors.ts --platform node --format cjs -o node_modules/vectors.cjs
//   node node_modules/vectors.cjs > ../../lkframe/testdata/frames.json
import { KEY_PROVIDER_DEFAULTS } from './node_modules/livekit-client/src/e2ee/constants';
import { createKeyMaterialFromBuffer } from './node_modules/livekit-client/src/e2ee/utils';
import { encryptionEnabledMap, FrameCryptor } from './node_modules/livekit-client/src/e2ee/worker/FrameCryptor';
import { ParticipantKeyHandler } from './node_modules/livekit-client/src/e2ee/worker/ParticipantKeyHandler';

// As Element Call configures its key provider.
const options = { ...KEY_PROVIDER_DEFAULTS, keyringSize: 256, ratchetWindowSize: 10 };
const trailer = new TextEncoder().encode('SIFTRAILER');
// The send counter begins at random; here at a number that a test can repeat.
Math.random = () => 0.25;

const hex = (b: ArrayBuffer | Uint8Array) => Buffer.from(b as Uint8Array).toString('hex');
const bytes = (n: number, seed: number) => Uint8Array.from({ length: n }, (_, i) => (i * 31 + seed) & 0xff);
const join = (...parts: (number[] | Uint8Array)[]) => Uint8Array.from(parts.flatMap((p) => [...p]));

type Case = { name: string; codec: string; type?: 'key' | 'delta'; index: number; frame: Uint8Array; ssrc: number; timestamp: number };

async function run(operation: 'encode' | 'decode', c: Case, data: Uint8Array, key: Uint8Array): Promise<Uint8Array | undefined> {
  encryptionEnabledMap.set('p', true);
  const keys = new ParticipantKeyHandler('p', options);
  await keys.setKeyFromMaterial(await createKeyMaterialFromBuffer(key.slice().buffer), c.index);
  const cryptor = new FrameCryptor({ participantIdentity: 'p', keys, keyProviderOptions: options, sifTrailer: trailer });
  const meta = () => ({ synchronizationSource: c.ssrc, mimeType: c.codec === 'opus' ? undefined : `video/${c.codec.toUpperCase()}` });
  const frame: Record<string, unknown> = { data: data.slice().buffer, timestamp: c.timestamp, getMetadata: meta };
  if (c.codec !== 'opus') frame.type = c.type;
  const readable = new ReadableStream({ start(controller) { controller.enqueue(frame); controller.close(); } });
  let out: Uint8Array | undefined;
  let ended = () => {};
  const end = new Promise<void>((resolve) => { ended = resolve; });
  const writable = new WritableStream({ write(f: { data: ArrayBuffer }) { out = new Uint8Array(f.data); }, close: ended });
  cryptor.setupTransform(operation, readable as never, writable as never, 'track', c.codec === 'opus' ? undefined : (c.codec as never));
  await end;
  return out;
}

const sps = [0x67, 0x42, 0xc0, 0x1f, 0xda, 0x01, 0x40, 0x16];
const pps = [0x68, 0xce, 0x3c, 0x80];
const cases: Case[] = [
  { name: 'opus', codec: 'opus', index: 0, frame: join([0x78], bytes(40, 3)), ssrc: 0x01020304, timestamp: 960 },
  { name: 'opus of one byte', codec: 'opus', index: 1, frame: join([0xf8]), ssrc: 7, timestamp: 0 },
  { name: 'opus, last index, timestamp about to wrap', codec: 'opus', index: 255, frame: join([0x78], bytes(5, 9)), ssrc: 0xffffffff, timestamp: 0xffffff00 },
  { name: 'vp8 key frame', codec: 'vp8', type: 'key', index: 3, frame: join([0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00], bytes(90, 1)), ssrc: 99, timestamp: 123456 },
  { name: 'vp8 delta frame', codec: 'vp8', type: 'delta', index: 3, frame: join([0x31, 0x02, 0x00], bytes(60, 2)), ssrc: 99, timestamp: 126456 },
  { name: 'vp9', codec: 'vp9', type: 'key', index: 200, frame: join([0x82, 0x49, 0x83, 0x42], bytes(50, 4)), ssrc: 5, timestamp: 3000 },
  { name: 'h264 key frame', codec: 'h264', type: 'key', index: 12, frame: join([0, 0, 0, 1], sps, [0, 0, 0, 1], pps, [0, 0, 0, 1, 0x65, 0x88], bytes(70, 5)), ssrc: 6, timestamp: 90000 },
  { name: 'h264 delta frame with short start code', codec: 'h264', type: 'delta', index: 0, frame: join([0, 0, 1, 0x41, 0x9a], bytes(30, 6)), ssrc: 6, timestamp: 93000 },
  // With zeros in SSRC, timestamp and counter the trailer has to be escaped.
  { name: 'h264 whose trailer is escaped', codec: 'h264', type: 'key', index: 3, frame: join([0, 0, 0, 1, 0x65, 0x88], new Uint8Array(64)), ssrc: 0, timestamp: 1 },
];

async function main() {
  const vectors = [];
  for (const c of cases) {
    const key = bytes(16, c.index);
    const sealed = await run('encode', c, c.frame, key);
    if (!sealed) throw new Error(`${c.name}: not sealed`);
    const opened = await run('decode', c, sealed, key);
    if (!opened) throw new Error(`${c.name}: livekit-client does not open what it sealed`);
    const counter = Math.floor(0.25 * 0xffff);
    vectors.push({ name: c.name, codec: c.codec, key: hex(key), index: c.index, ssrc: c.ssrc, timestamp: c.timestamp, counter,
      frame: hex(c.frame), sealed: hex(sealed), opened: hex(opened) });
  }
  process.stdout.write(`${JSON.stringify({ made_by: 'livekit-client 2.23.0, vectors.ts', sif_trailer: hex(trailer), frames: vectors }, null, 2)}\n`);
}

main().then(() => process.exit(0)); // its watchdogs would wait for more
