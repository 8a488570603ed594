import { describe, expect, test } from 'vitest';
import type { EngineEvent } from '../../src/worker/engine.ts';
import { KeyRing } from '../../src/worker/ring.ts';
import { ada, ben, bytes, labels, StillClock } from './fake_parts.ts';

const keyA = 'qqo'; // base64 of aa aa
const keyB = 'u7s'; // of bb bb

function ring(react: (ring: KeyRing, event: EngineEvent) => void = () => {}) {
  const clock = new StillClock();
  const told: string[] = [];
  const made: KeyRing = new KeyRing(
    labels,
    (event) => {
      told.push('kid' in event ? `${event.type} ${event.kid}` : event.type);
      react(made, event);
    },
    () => clock.now(),
  );
  return { ring: made, told, clock };
}

const open = async (r: KeyRing, sealed: string, from = ada) =>
  new TextDecoder().decode(
    await r.opener(from)?.open('camera', 'vp8', bytes(sealed), { timestamp: undefined, track: {} }),
  );

describe('the key ring', () => {
  test('seals under the newest key', async () => {
    const { ring: r } = ring();
    expect(r.sealer()).toBeNull();
    r.apply({ type: 'seal_with', kid: '65536', base_key: keyA });
    r.apply({ type: 'seal_with', kid: '65537', base_key: keyB });
    const sealed = await r.sealer()?.seal('mic', 'opus', bytes('x'));
    expect(new TextDecoder().decode(sealed)).toBe('65537:bbbb:x');
  });

  test('one sender’s key opens nothing of another', async () => {
    const { ring: r } = ring();
    r.apply({ type: 'open_with', from: ada, kid: '1', base_key: keyA });
    expect(await open(r, '1:aaaa:x')).toBe('x');
    await expect(open(r, '1:aaaa:x', ben)).rejects.toMatchObject({ code: 'unknown_key' });
    await expect(open(r, '1:aaaa:x', { ...ada, join_id: 'CCCC' })).rejects.toMatchObject({ code: 'unknown_key' });
  });

  test('an unknown key is asked for, and the frame opens at once if the engine has it', async () => {
    const { ring: r, told } = ring((made, event) => {
      if (event.type === 'key_wanted') made.apply({ type: 'open_with', from: ada, kid: event.kid, base_key: keyA });
    });
    expect(await open(r, '7:aaaa:x')).toBe('x');
    expect(told).toEqual(['key_wanted 7', 'frame_opened 7']);
  });

  test('the engine hears of a key once, and again after trouble', async () => {
    const { ring: r, told } = ring();
    r.apply({ type: 'open_with', from: ada, kid: '1', base_key: keyA });
    await open(r, '1:aaaa:x');
    await open(r, '1:aaaa:y');
    expect(told).toEqual(['frame_opened 1']);
    await expect(open(r, '1:bbbb:z')).rejects.toMatchObject({ code: 'authentication' });
    await open(r, '1:aaaa:y');
    expect(told).toEqual(['frame_opened 1', 'frame_failed 1', 'frame_opened 1']);
  });

  test('ten thousand forged frames cost a few words', async () => {
    const { ring: r, told, clock } = ring();
    r.apply({ type: 'open_with', from: ada, kid: '1', base_key: keyA });
    for (let i = 0; i < 10_000; i++) {
      clock.time += 0.1; // a second in all
      await open(r, i % 2 ? '1:bbbb:forged' : `${i + 100}:bbbb:forged`).catch(() => {});
    }
    expect(told.filter((t) => t.startsWith('frame_failed')).length).toBeLessThanOrEqual(10);
    expect(told.filter((t) => t.startsWith('key_wanted')).length).toBeLessThanOrEqual(20);
    expect(await open(r, '1:aaaa:x')).toBe('x');
  });

  test('a dropped key is not asked for', async () => {
    const { ring: r, told } = ring();
    r.apply({ type: 'open_with', from: ada, kid: '1', base_key: keyA });
    r.apply({ type: 'drop_key', from: ada, kid: '1' });
    await expect(open(r, '1:aaaa:x')).rejects.toMatchObject({ code: 'unknown_key' });
    expect(told).toEqual([]);
  });

  test('a device that has gone has no opener, and no key brings it back', () => {
    const { ring: r } = ring();
    r.apply({ type: 'open_with', from: ada, kid: '1', base_key: keyA });
    r.apply({ type: 'drop_device', from: ada });
    r.apply({ type: 'open_with', from: ada, kid: '1', base_key: keyA });
    expect(r.opener(ada)).toBeNull();
    expect(r.opener(ben)).not.toBeNull();
  });

  describe('sound', () => {
    const speak = (
      r: KeyRing,
      source: 'mic' | 'screen_audio' | 'camera',
      ctr: number,
      timestamp: number,
      track: object,
    ) =>
      r.opener(ada)?.open(source, source === 'camera' ? 'vp8' : 'opus', bytes(`1:aaaa:x:${ctr}`), { timestamp, track });
    const order = { code: 'order' };

    test('F15: out of order is refused, on this track and on a new one, and the key is not blamed', async () => {
      const { ring: r, told } = ring();
      r.apply({ type: 'open_with', from: ada, kid: '1', base_key: keyA });
      const [first, second] = [{}, {}];
      await speak(r, 'mic', 10, 0, first);
      await speak(r, 'mic', 12, 1920, first);
      await speak(r, 'mic', 11, 960, first);
      await expect(speak(r, 'mic', 5, 2880, first)).rejects.toMatchObject(order);
      await expect(speak(r, 'mic', 12, 0, second)).rejects.toMatchObject(order);
      await speak(r, 'mic', 13, 0, second);
      expect(told).toEqual(['frame_opened 1']);
    });

    test('has an order for each source, and pictures have none', async () => {
      const { ring: r } = ring();
      r.apply({ type: 'open_with', from: ada, kid: '1', base_key: keyA });
      const track = {};
      await speak(r, 'mic', 10, 0, track);
      await speak(r, 'screen_audio', 9, 960, track);
      await speak(r, 'camera', 8, 0, track);
      await speak(r, 'camera', 7, 960, track);
      await expect(speak(r, 'screen_audio', 8, 1920, track)).rejects.toMatchObject(order);
    });
  });

  test('cleared, it seals nothing', () => {
    const { ring: r } = ring();
    r.apply({ type: 'seal_with', kid: '1', base_key: keyA });
    r.clear();
    expect(r.sealer()).toBeNull();
  });
});
