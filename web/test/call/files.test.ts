// Files between pages that are joined by a line: offered, taken, lost and asked for again; and what a hostile one sends.
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Chat } from '../../src/call/chat.ts';
import { Files } from '../../src/call/files/files.ts';
import type { FileState } from '../../src/call/files/files_view.ts';
import { fileName, missing, readOffer, readWant } from '../../src/call/files/offer.ts';
import {
  CHUNK,
  ChunkSeal,
  chunksOf,
  FILE_LIMIT,
  fromBase64,
  newFile,
  sha256,
  toBase64,
} from '../../src/call/files/seal.ts';
import { encodeSaid } from '../../src/call/said.ts';
import { Sealed } from '../../src/call/sealed.ts';
import type { Device } from '../../src/wire.ts';
import { FakeTimers } from './fake_socket.ts';

vi.setConfig({ testTimeout: 30_000 }); // it seals and opens for real

const timers = new FakeTimers();

class Page {
  device: Device;
  readonly sealed: Sealed;
  readonly chat = new Chat();
  readonly files: Files;
  readonly sent: { kind: string; body: string }[] = [];
  ready = true;
  spared = 0; // chunks that were not for us
  /** What of another's words gets lost on the way here. */
  loses = (_kind: string, _body: Record<string, unknown>) => false;

  constructor(
    readonly name: string,
    private readonly room: Page[],
  ) {
    this.device = { user: `@${name}:x`, device: name, join_id: name };
    const clock = {
      now: () => timers.time,
      setTimeout: timers.setTimeout.bind(timers),
      clearTimeout: timers.clearTimeout.bind(timers),
    };
    this.sealed = new Sealed({ ready: () => this.ready, name: () => name, now: clock.now });
    this.files = new Files(this.sealed, this.chat, clock);
    this.enter();
    room.push(this);
  }

  enter(): void {
    const others = () => this.room.filter((page) => page !== this);
    const note = (kind: string, body: string) => this.sent.push({ kind, body });
    this.sealed.speakThrough({
      self: this.device,
      people: {
        find: ({ device }) => this.room.find((page) => page.device.device === device)?.device ?? null,
        name: ({ device }) => device,
        reaches: () => true,
      },
      sayToAll: (kind, body, relay) => {
        note(kind, body);
        for (const page of others()) {
          if (!relay || relay.includes(page.device)) page.hear(kind, body, this.device, false);
          else page.spared++;
        }
      },
      sayTo: (kind, body, to) => {
        note(kind, body);
        for (const page of others()) if (page.device === to) page.hear(kind, body, this.device, true);
      },
    });
  }

  hear(kind: string, body: string, from: Device, only: boolean): void {
    if (!this.loses(kind, JSON.parse(atob(body))))
      this.sealed.heard({ type: 'heard', from, kind, body, private: only });
  }

  /** The key of the newest file in the chat. */
  get key(): string {
    return this.chat.lines.value.at(-1)?.file ?? '';
  }

  state(): FileState | undefined {
    return this.files.all.value.get(this.key)?.state;
  }

  async bytes(): Promise<Uint8Array> {
    return new Uint8Array((await this.files.whole(this.key)?.arrayBuffer()) ?? []);
  }

  chunks(): number {
    return this.sent.filter(({ kind }) => kind === 'grotto.file.chunk').length;
  }
}

let ada: Page;
let ben: Page;
let cleo: Page;

beforeEach(() => {
  const room: Page[] = [];
  [ada, ben, cleo] = ['Ada', 'Ben', 'Cleo'].map((name) => new Page(name, room)) as [Page, Page, Page];
});

function file(size: number, name = 'plan.pdf'): { file: File; bytes: Uint8Array } {
  const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) & 255);
  return { file: new File([bytes], name), bytes };
}

/** Lets time pass, in steps that what is being sealed and opened keeps up with. */
async function pass(seconds: number): Promise<void> {
  for (let i = 0; i < seconds * 2; i++) {
    for (const _ of [1, 2]) await crypto.subtle.digest('SHA-256', new Uint8Array(CHUNK));
    await new Promise((resolve) => setTimeout(resolve, 0));
    timers.pass(500);
  }
}

/** Lets time pass until the newest file is so, or long after it should be. */
async function until(page: Page, state: FileState): Promise<void> {
  for (let i = 0; i < 50 && page.state() !== state; i++) await pass(1);
  expect(page.state()).toBe(state);
}

test('a file is offered, and not sent until somebody takes it; then whole, and only to who took it', async () => {
  const { file: plan, bytes } = file(5 * CHUNK + 17);
  await ada.files.share(plan);
  await pass(2);
  expect([ada.state(), ben.state(), cleo.state(), ada.chunks()]).toEqual(['shared', 'offered', 'offered', 0]);
  expect(ben.chat.lines.value[0]).toMatchObject({ name: 'Ada', text: 'plan.pdf', private: false });
  ben.files.take(ben.key);
  await until(ben, 'ready');
  expect([cleo.state(), cleo.spared, ada.chunks()]).toEqual(['offered', 6, 6]);
  expect(await ben.bytes()).toEqual(bytes);
  expect(ben.files.whole(ben.key)?.type).toBe('application/octet-stream');
  expect(ada.files.all.value.get(ada.key)).toMatchObject({ taken: 1, sending: false });
});

test('it goes out no faster than the server relays, beside what else is said', async () => {
  await ada.files.share(file(40 * CHUNK).file);
  ben.files.take(ben.key);
  await pass(10);
  const bytes = ada.sent.reduce((sum, { body }) => sum + (body.length * 3) / 4 + 300, 0);
  expect(bytes).toBeLessThan((10 * 64 + 128) * 1024 * 0.85);
  expect(bytes).toBeGreaterThan(10 * 40 * 1024);
  for (const { body } of ada.sent) expect((body.length * 3) / 4).toBeLessThanOrEqual(32 << 10);
});

test('who takes it in the middle hears the rest with the first, and the beginning after that', async () => {
  const { file: plan, bytes } = file(10 * CHUNK);
  await ada.files.share(plan);
  ben.files.take(ben.key);
  await pass(3);
  cleo.files.take(cleo.key);
  await until(ben, 'ready');
  await until(cleo, 'ready');
  expect(await cleo.bytes()).toEqual(bytes);
  expect(ada.chunks()).toBeLessThan(20);
});

test('what was lost is asked for again', async () => {
  const { file: plan, bytes } = file(6 * CHUNK);
  let lost = 0;
  ben.loses = (kind, { n }) => kind === 'grotto.file.chunk' && (n === 1 || n === 4) && ++lost <= 2;
  await ada.files.share(plan);
  ben.files.take(ben.key);
  await until(ben, 'ready');
  expect([lost, ada.chunks()]).toEqual([4, 8]);
  expect(await ben.bytes()).toEqual(bytes);
});

test('what never comes stalls, and can be taken up again', async () => {
  const { file: plan, bytes } = file(3 * CHUNK);
  ben.loses = (kind, { n }) => kind === 'grotto.file.chunk' && n === 2;
  await ada.files.share(plan);
  ben.files.take(ben.key);
  await pass(90);
  expect([ben.state(), ada.chunks()]).toEqual(['stalled', 8]);
  ben.loses = () => false;
  ben.files.take(ben.key);
  await until(ben, 'ready');
  expect(await ben.bytes()).toEqual(bytes);
});

test('one to one person is offered to nobody else, and opens for nobody else', async () => {
  await ada.files.share(file(2 * CHUNK).file, ben.device);
  expect([ben.state(), cleo.state()]).toEqual(['offered', undefined]);
  expect(ben.chat.lines.value[0]?.private).toBe(true);
  const { id } = JSON.parse(atob(ada.sent[0]?.body ?? '')) as { id: string };
  ada.hear('grotto.file.want', encodeSaid({ id, want: [[0, 1]] }), cleo.device, true);
  await pass(2);
  expect(ada.chunks()).toBe(0);
  ben.files.take(ben.key);
  await until(ben, 'ready');
});

test('one can stop, and begin again; who offered it can withdraw it, or leave', async () => {
  await ada.files.share(file(9 * CHUNK).file);
  ben.files.take(ben.key);
  await pass(1);
  ben.files.cancel(ben.key);
  await pass(9);
  expect(ben.state()).toBe('offered');
  ben.files.take(ben.key);
  await pass(1);
  ada.files.cancel(ada.key);
  expect([ada.state(), ben.state(), cleo.state()]).toEqual(['gone', 'gone', 'gone']);
  const before = ada.chunks();
  await pass(3);
  expect(ada.chunks()).toBeLessThanOrEqual(before + 1);
  await ada.files.share(file(CHUNK).file);
  cleo.sealed.left(ada.device);
  expect(cleo.state()).toBe('gone');
  ben.sealed.end();
  expect(ben.files.all.value.size).toBe(0);
});

test('between two sessions nothing is lost; after the sender joined anew its offers are gone', async () => {
  await ada.files.share(file(9 * CHUNK).file);
  ben.files.take(ben.key);
  await pass(1);
  ada.ready = false;
  await pass(4);
  ada.ready = true;
  await until(ben, 'ready');
  ada.device = { ...ada.device, device: 'ADA2' };
  ada.enter();
  ada.sealed.reached(ben.device);
  expect(ada.state()).toBe('gone');
});

test('nothing, and too much, are refused before they are read', async () => {
  await expect(ada.files.share(file(0).file)).rejects.toMatchObject({ code: 'empty' });
  const large = { name: 'x', size: FILE_LIMIT + 1 } as File;
  await expect(ada.files.share(large)).rejects.toMatchObject({ code: 'long' });
  for (let i = 0; i < 5; i++) await ada.files.share(file(1).file);
  await expect(ada.files.share(file(1).file)).rejects.toMatchObject({ code: 'many' });
  for (let i = 0; i < 3; i++) ben.files.take(ben.chat.lines.value[i]?.file ?? '');
  expect(() => ben.files.take(ben.key)).toThrow(expect.objectContaining({ code: 'many' }));
});

describe('one who is hostile', () => {
  const offer = (from: Device, change: object = {}) => {
    const { id, key } = newFile();
    const body = { id: toBase64(id), name: 'x', size: 2 * CHUNK, key: toBase64(key), hash: toBase64(key), ...change };
    ada.hear('grotto.file', encodeSaid(body), from, false);
    return { id, key };
  };

  test('sends a chunk that does not open, or a file of another hash: it is thrown away', async () => {
    const { id } = offer(ben.device);
    ada.files.take(ada.key);
    const data = toBase64(new Uint8Array(CHUNK + 16));
    ada.hear('grotto.file.chunk', encodeSaid({ id: toBase64(id), n: 0, data }), ben.device, false);
    await until(ada, 'broken');
    const second = offer(ben.device);
    ada.files.take(ada.key);
    const seal = new ChunkSeal(second.id, second.key, 2 * CHUNK);
    for (const n of [0, 1]) {
      const data = toBase64(await seal.seal(n, new Uint8Array(CHUNK)));
      ada.hear('grotto.file.chunk', encodeSaid({ id: toBase64(second.id), n, data }), ben.device, false);
    }
    await until(ada, 'broken');
    expect(ada.files.whole(ada.key)).toBeNull();
  });

  test('sends chunks of somebody else’s file, or of none, or out of range: nothing happens', async () => {
    const { id } = offer(ben.device);
    ada.files.take(ada.key);
    const data = toBase64(new Uint8Array(CHUNK + 16));
    for (const body of [{ n: -1 }, { n: 2 }, { n: 0.5 }, { n: '0' }, { data: 7 }, { data: '!' }, { id: 'x' }]) {
      ada.hear('grotto.file.chunk', encodeSaid({ id: toBase64(id), n: 0, data, ...body }), ben.device, false);
    }
    ada.hear('grotto.file.chunk', encodeSaid({ id: toBase64(id), n: 0, data }), cleo.device, false);
    await pass(0.5);
    expect(ada.files.all.value.get(ada.key)).toMatchObject({ state: 'receiving', progress: 0 });
  });

  test('offers without end: twenty are seen', async () => {
    for (let i = 0; i < 200; i++) {
      offer(ben.device);
      timers.pass(500);
    }
    expect(ada.chat.lines.value.length).toBe(20);
  });

  test('asks again and again: it gets the file three times', async () => {
    await ada.files.share(file(2 * CHUNK).file);
    const { id } = JSON.parse(atob(ada.sent[0]?.body ?? '')) as { id: string };
    for (let i = 0; i < 30; i++) {
      ada.hear('grotto.file.want', encodeSaid({ id, want: [[0, 1]] }), ben.device, true);
      await pass(2);
    }
    expect(ada.chunks()).toBe(6);
  });

  test.each([
    { id: 'short' },
    { size: 0 },
    { size: FILE_LIMIT + 1 },
    { size: 1.5 },
    { size: '7' },
    { key: 'AAAA' },
    { hash: null },
    { name: 7 },
  ])('offers what is no file: %j', (change) => {
    const { id, key } = newFile();
    const good = { id: toBase64(id), name: 'x', size: 5, key: toBase64(key), hash: toBase64(key) };
    expect(readOffer(good)).not.toBeNull();
    expect(readOffer({ ...good, ...change })).toBeNull();
  });
});

test.each([
  ['../../etc/passwd', '_.._etc_passwd'],
  ['C:\\temp\\x?.txt', 'C__temp_x_.txt'],
  ['invoice\u202efdp.exe', 'invoicefdp.exe'],
  ['  .hidden. ', 'hidden'],
  ['\u0000\n', 'file'],
  ['日本語.txt', '日本語.txt'],
  [`${'x'.repeat(300)}.pdf`, `${'x'.repeat(116)}.pdf`],
])('the name %j is saved as %j', (name, saved) => {
  expect(fileName(name)).toBe(saved);
});

test('what is missing is told in ranges, not too many of them', () => {
  const part = new Uint8Array();
  expect(missing([part, undefined, undefined, part], 5)).toEqual([
    { first: 1, last: 2 },
    { first: 4, last: 4 },
  ]);
  const holes = missing(
    Array.from({ length: 300 }, (_, i) => (i % 2 ? part : undefined)),
    300,
  );
  expect([holes.length, holes.at(-1)?.last]).toEqual([64, 298]);
  const id = toBase64(new Uint8Array(16));
  expect(readWant({ id, want: [[0, 4]] }, 5 * CHUNK)).toEqual([{ first: 0, last: 4 }]);
  for (const want of [[[0, 5]], [[3, 2]], [[-1, 2]], [['0', 1]], [7], {}, Array(65).fill([0, 1])]) {
    expect(readWant({ id, want }, 5 * CHUNK)).toBeNull();
  }
  expect(chunksOf(FILE_LIMIT)).toBe(350);
});

test('chunks are sealed, and names made safe, as in the Go client', async () => {
  const path = new URL('../../../internal/call/testdata/file.json', import.meta.url);
  const vectors = JSON.parse(readFileSync(path, 'utf8')) as {
    id: string;
    key: string;
    size: number;
    chunks: string[];
    names: { in: string; out: string }[];
  };
  const bytes = Uint8Array.from({ length: vectors.size }, (_, i) => (i * 31 + (i >> 8)) & 255);
  const [id, key] = [fromBase64(vectors.id), fromBase64(vectors.key)] as [Uint8Array, Uint8Array];
  const seal = new ChunkSeal(id, key, bytes.length);
  for (const [n, hash] of vectors.chunks.entries()) {
    const sealed = await seal.seal(n, bytes.subarray(n * CHUNK, (n + 1) * CHUNK));
    expect(toBase64(await sha256(sealed))).toBe(hash);
  }
  for (const name of vectors.names) expect(fileName(name.in)).toBe(name.out);
});
