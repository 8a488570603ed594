import { describe, expect, test } from 'vitest';
import { Engine } from '../../src/worker/engine.ts';
import { Host, type SecretKeeper } from '../../src/worker/host.ts';
import type { FromWorker, OpenOptions, ToWorker } from '../../src/worker/messages.ts';
import type { EncodedFrame, Transform } from '../../src/worker/pipeline.ts';
import { ada, ben, bytes, FakeEngine, FakeIdentities, labels, StillClock } from './fake_parts.ts';

const keyA = 'qqo';

class Bench {
  readonly raw = new FakeEngine();
  readonly clock = new StillClock();
  readonly posted: FromWorker[] = [];
  readonly kept = new Map<string, string>();
  readonly identities = new FakeIdentities();
  readonly secrets: SecretKeeper = {
    seal: async (secret) => {
      this.kept.set('box', secret);
      return 'box';
    },
    unseal: async (sealed) => {
      const secret = this.kept.get(sealed);
      if (secret === undefined) throw new Error('the key is gone');
      return secret;
    },
    forget: async (sealed) => void this.kept.delete(sealed),
  };
  piped: Transform | null = null;
  readonly host = new Host({
    engine: new Engine(this.raw),
    crypto: labels,
    clock: this.clock,
    identities: this.identities,
    newWords: async () => 'eight new words',
    post: (message) => this.posted.push(message),
    pipe: (_streams, transform) => {
      this.piped = transform;
    },
    secrets: this.secrets,
  });

  async open(): Promise<this> {
    await this.host.handle({ type: 'set_secret', id: 1, secret: 'good' });
    await this.host.handle({ type: 'open', id: 2, room: '!r:x', call: 'Y2FsbA', user: '@ada:x', device: 'ADAADAADAA' });
    return this;
  }
}

async function run(transform: Transform, text: string): Promise<string | null> {
  const frame: EncodedFrame = { data: bytes(text).buffer };
  let passed: string | null = null;
  await transform(frame, { enqueue: (f) => (passed = new TextDecoder().decode(f.data)) });
  return passed;
}

const fromAda: OpenOptions = { direction: 'open', track: 'r1', source: 'mic', codec: 'opus', from: ada };

describe('the link’s secret', () => {
  test('is checked, held, given to the engine, and kept sealed', async () => {
    const { posted, raw, kept } = await new Bench().open();
    expect(posted[0]).toEqual({ type: 'secret_kept', id: 1, sealed: 'box' });
    expect(raw.opened).toEqual([
      { room: '!r:x', call: 'Y2FsbA', user: '@ada:x', device: 'ADAADAADAA', secret: 'good' },
    ]);
    expect(kept.get('box')).toBe('good');
  });

  test('that is none is refused in words', async () => {
    const { host, posted } = new Bench();
    await host.handle({ type: 'set_secret', id: 1, secret: 'half of' });
    const failure = { code: 'bad_secret', message: 'not a secret; hint: copy all of it' };
    expect(posted).toEqual([{ type: 'refused', id: 1, failure }]);
  });

  test('comes back after a reload, until it was forgotten', async () => {
    const bench = new Bench();
    bench.kept.set('box', 'good');
    await bench.host.handle({ type: 'restore_secret', id: 1, sealed: 'box' });
    await bench.host.handle({ type: 'read_secret', id: 2 });
    await bench.host.handle({ type: 'forget', sealed: 'box' });
    await bench.host.handle({ type: 'restore_secret', id: 3, sealed: 'box' });
    expect(bench.posted.map((m) => m.type)).toEqual(['secret_kept', 'secret', 'refused']);
  });
});

describe('who one is', () => {
  const pin = { identity: 'QkVO', user: '@ben:x', name: 'Ben', verified: true };

  test('is a guest unless asked: the engine gets no identity, and whom it meets is not kept', async () => {
    const bench = new Bench();
    bench.raw.openEffects = [{ type: 'pinned', pin }];
    await bench.open();
    expect(bench.raw.opened[0]).not.toHaveProperty('identity');
    expect(bench.identities.people.size).toBe(0);
  });

  test('is kept where wanted, with whom one met; the next call knows them, and the page gets no pin', async () => {
    const bench = new Bench();
    bench.raw.openEffects = [{ type: 'pinned', pin }];
    await bench.host.handle({ type: 'identity', id: 7, action: 'keep' });
    expect(bench.posted).toEqual([{ type: 'identity', id: 7, identity: 'kept' }]);
    await bench.open();
    expect(bench.raw.opened[0]).toMatchObject({ identity: 'c2VlZA', known: [] });
    expect([...bench.identities.people.values()]).toEqual([pin]);
    expect(bench.posted.some((m) => m.type === 'effects')).toBe(false);
    await bench.open();
    expect(bench.raw.opened[1]).toMatchObject({ identity: 'c2VlZA', known: [pin] });
    await bench.host.handle({ type: 'known', id: 8 });
    expect(bench.posted.at(-1)).toEqual({ type: 'known', id: 8, people: [pin] });
  });

  test('is forgotten with everybody remembered, and what the call still meets is not kept', async () => {
    const bench = new Bench();
    bench.identities.people.set('QkVO', pin);
    await bench.host.handle({ type: 'identity', id: 7, action: 'keep' });
    await bench.open();
    await bench.host.handle({ type: 'identity', id: 8, action: 'forget' });
    bench.raw.react = () => [{ type: 'pinned', pin }];
    await bench.host.handle({ type: 'event', event: { type: 'key_count', one_time_keys: 1 } });
    expect(bench.identities.own).toBeNull();
    expect(bench.identities.people.size).toBe(0);
    await bench.open();
    expect(bench.raw.opened[1]).not.toHaveProperty('identity');
  });

  test('of a person forgotten nothing goes into the next call', async () => {
    const bench = new Bench();
    bench.identities.people.set('QkVO', pin);
    await bench.host.handle({ type: 'identity', id: 7, action: 'keep' });
    await bench.host.handle({ type: 'forget_person', id: 8, identity: 'QkVO' });
    expect(bench.posted.at(-1)).toEqual({ type: 'known', id: 8, people: [] });
    await bench.open();
    expect(bench.raw.opened[0]).toMatchObject({ known: [] });
  });

  test('is a guest, and says so, where the browser keeps nothing', async () => {
    const bench = new Bench();
    bench.identities.broken = true;
    for (const action of ['look', 'keep'] as const) {
      await bench.host.handle({ type: 'identity', id: 7, action });
      expect(bench.posted.at(-1)).toEqual({ type: 'identity', id: 7, identity: 'unavailable' });
    }
    await bench.open();
    expect(bench.raw.opened[0]).not.toHaveProperty('identity');
  });
});

describe('a changed link', () => {
  const remove = { type: 'remove' as const, devices: [ben] };

  test('has a secret that is drawn in the worker; without one the link stays', async () => {
    const bench = await new Bench().open();
    await bench.host.handle({ type: 'event', event: { ...remove, change_link: true } });
    await bench.host.handle({ type: 'event', event: { ...remove, change_link: false } });
    expect(bench.raw.events).toEqual([{ ...remove, secret: 'fresh' }, { ...remove }]);
  });

  test('has words again where it had words', async () => {
    const bench = new Bench();
    const words = 'one-two-three-four-five-six-seven-eight';
    bench.raw.parseSecret = () => JSON.stringify({ ok: true });
    await bench.host.handle({ type: 'set_secret', id: 1, secret: words });
    await bench.host.handle({
      type: 'open',
      id: 2,
      room: '!r:x',
      call: 'Y2FsbA',
      user: '@ada:x',
      device: 'ADAADAADAA',
    });
    await bench.host.handle({ type: 'event', event: { ...remove, change_link: true } });
    expect(bench.raw.events).toEqual([{ ...remove, secret: 'eight new words' }]);
  });

  test.each([
    ['by another', ben, ben],
    ['by us', { user: '', device: '', join_id: '' }, null],
  ])('%s: the new secret is the meeting’s at once, goes sealed to the page, and never plainly', async (_, by, told) => {
    const bench = await new Bench().open();
    bench.raw.react = () => [{ type: 'secret_changed', secret: 'good', by }];
    bench.kept.clear();
    await bench.host.handle({ type: 'event', event: { ...remove, change_link: true } });
    await new Promise((resolve) => setTimeout(resolve));
    expect(bench.kept.get('box')).toBe('good');
    expect(bench.posted.at(-1)).toEqual({
      type: 'effects',
      effects: [{ type: 'secret_changed', sealed: 'box', by: told }],
    });
    expect(JSON.stringify(bench.posted)).not.toContain('good');
  });
});

test('of a link that was changed twice at once, the last secret is the one kept', async () => {
  const bench = new Bench();
  bench.kept.set('old box', 'good');
  const seals: (() => void)[] = [];
  bench.secrets.seal = (secret) => new Promise((done) => seals.push(() => done(`box of ${secret}`)));
  const nobody = { user: '', device: '', join_id: '' };
  bench.raw.openEffects = [
    { type: 'secret_changed', secret: 'good', by: nobody },
    { type: 'secret_changed', secret: 'better', by: nobody },
  ];
  await bench.host.handle({ type: 'restore_secret', id: 1, sealed: 'old box' });
  await bench.host.handle({ type: 'open', id: 2, room: '!r:x', call: 'Y2FsbA', user: '@ada:x', device: 'ADAADAADAA' });
  for (const seal of seals.toReversed()) {
    seal();
    await new Promise((resolve) => setTimeout(resolve));
  }
  const told = bench.posted.flatMap((m) => (m.type === 'effects' ? m.effects : []));
  expect(told).toEqual([{ type: 'secret_changed', sealed: 'box of better', by: null }]);
  await bench.host.handle({ type: 'read_secret', id: 3 });
  expect(bench.posted.at(-1)).toEqual({ type: 'secret', id: 3, secret: 'better' });
});

describe('effects', () => {
  test('keys stay in the worker; the rest goes to the page, in order', async () => {
    const bench = new Bench();
    bench.raw.openEffects = [
      { type: 'seal_with', kid: '0', base_key: keyA },
      { type: 'show', from: ben, state: 'new' },
      { type: 'open_with', from: ben, kid: '0', base_key: keyA },
      { type: 'send_data', body: 'ZGF0YQ' },
      { type: 'wake_at', time: 1_000_500 },
    ];
    await bench.open();
    expect(bench.posted.slice(1)).toEqual([
      { type: 'opened', id: 2, announcement: { join_id: 'AAAA' } },
      {
        type: 'effects',
        effects: [
          { type: 'show', from: ben, state: 'new' },
          { type: 'send_data', body: 'ZGF0YQ' },
        ],
      },
    ]);
    expect(JSON.stringify(bench.posted)).not.toContain(keyA);
  });

  test('wake_at becomes a tick at its time; the newest counts', async () => {
    const bench = new Bench();
    bench.raw.openEffects = [
      { type: 'wake_at', time: 1_000_100 },
      { type: 'wake_at', time: 1_000_500 },
    ];
    await bench.open();
    bench.clock.pass(499);
    expect(bench.raw.said()).toEqual([]);
    bench.clock.pass(1);
    expect(bench.raw.said()).toEqual(['tick']);
  });

  test('an event that the engine finds malformed ends nothing', async () => {
    const bench = await new Bench().open();
    bench.raw.handle = () => JSON.stringify({ error: 'olmkeys: malformed' });
    await bench.host.handle({ type: 'event', event: { type: 'key_count', one_time_keys: 1 } });
    expect(bench.posted.at(-1)?.type).toBe('event_refused');
  });
});

describe('transforms', () => {
  test('without a key nothing passes; under a key, what is sealed', async () => {
    const bench = await new Bench().open();
    const seal = bench.host.transform({ direction: 'seal', track: 's1', source: 'mic', codec: 'opus' }, () => {});
    expect(await run(seal, 'voice')).toBeNull();
    bench.raw.react = () => [{ type: 'seal_with', kid: '65536', base_key: keyA }];
    await bench.host.handle({ type: 'event', event: { type: 'roster_changed', left: [], joined: [] } });
    expect(await run(seal, 'voice')).toBe('65536:aaaa:voice');
  });

  test('both interfaces end in the same pipeline', async () => {
    const bench = await new Bench().open();
    const streams = { readable: new ReadableStream(), writable: new WritableStream() };
    await bench.host.handle({ type: 'streams', ...streams, options: fromAda } satisfies ToWorker);
    bench.raw.react = (event) =>
      event.type === 'key_wanted' ? [{ type: 'open_with', from: ada, kid: event.kid, base_key: keyA }] : [];
    const piped = bench.piped as Transform;
    expect(await run(piped, '1:aaaa:voice')).toBe('voice');
    expect(await run(piped, '1:bbbb:voice')).toBeNull();
    bench.host.reportCounts();
    const counts = { track: 'r1', direction: 'open', passed: 1, failed: 1, dropped: 0, last: 'authentication' };
    expect(bench.posted.at(-1)).toEqual({ type: 'counts', tracks: [counts] });
  });

  test('a track of nobody opens nothing, until it is bound to somebody', async () => {
    const bench = await new Bench().open();
    bench.raw.react = (event) =>
      event.type === 'key_wanted' ? [{ type: 'open_with', from: event.from, kid: event.kid, base_key: keyA }] : [];
    const open = bench.host.transform({ ...fromAda, from: null }, () => {});
    expect(await run(open, '1:aaaa:voice')).toBeNull();
    expect(bench.raw.said()).toEqual([]);
    await bench.host.handle({ type: 'rebind', options: fromAda });
    expect(await run(open, '1:aaaa:voice')).toBe('voice');
  });

  test('a rebound track opens the new sender’s frames and none of the old', async () => {
    const bench = await new Bench().open();
    bench.raw.react = (event) =>
      event.type === 'key_wanted' ? [{ type: 'open_with', from: event.from, kid: event.kid, base_key: keyA }] : [];
    const open = bench.host.transform(fromAda, () => {});
    expect(await run(open, '1:aaaa:voice')).toBe('voice');
    await bench.host.handle({ type: 'rebind', options: { ...fromAda, from: ben } });
    bench.raw.react = () => [];
    expect(await run(open, '1:aaaa:voice')).toBeNull();
  });

  test('when the call is closed or the engine is lost, nothing is sealed or opened', async () => {
    for (const end of ['close', 'fail'] as const) {
      const bench = await new Bench().open();
      bench.raw.react = (event) =>
        event.type === 'key_wanted'
          ? [{ type: 'open_with', from: event.from, kid: event.kid, base_key: keyA }]
          : [{ type: 'seal_with', kid: '1', base_key: keyA }];
      await bench.host.handle({ type: 'event', event: { type: 'key_count', one_time_keys: 1 } });
      const seal = bench.host.transform({ direction: 'seal', track: 's1', source: 'mic', codec: 'opus' }, () => {});
      const open = bench.host.transform(fromAda, () => {});
      expect(await run(seal, 'voice')).toBe('1:aaaa:voice');
      expect(await run(open, '1:aaaa:voice')).toBe('voice');
      if (end === 'close') await bench.host.handle({ type: 'close' });
      else bench.host.fail('it stopped');
      expect(await run(seal, 'voice')).toBeNull();
      expect(await run(open, '1:aaaa:voice')).toBeNull();
    }
  });

  test('the browser is asked for a key frame once a second at most', async () => {
    const bench = await new Bench().open();
    bench.raw.react = (event) =>
      event.type === 'key_wanted' ? [{ type: 'open_with', from: ada, kid: event.kid, base_key: keyA }] : [];
    let asked = 0;
    const open = bench.host.transform({ ...fromAda, source: 'camera', codec: 'vp8' }, () => asked++);
    const delta = () => open({ data: bytes('1:aaaa:x').buffer, type: 'delta' }, { enqueue() {} });
    for (let i = 0; i < 20; i++) await delta();
    expect(asked).toBe(1);
    bench.clock.pass(1000);
    await delta();
    expect(asked).toBe(2);
  });
});
