import { afterEach, expect, test, vi } from 'vitest';
import { Passage } from '../../src/call/passage.ts';
import { FakeStorage } from './fake_storage.ts';

afterEach(() => vi.unstubAllGlobals());

const ada = { name: 'Ada', mic: true, camera: false, hand: 7, replaces: 'token' };
const secret = 'a'.repeat(22);

test('one goes into a breakout room and back as one takes part, and a page around the room goes along', async () => {
  for (const framed of ['', '?embedded']) {
    const went: string[] = [];
    vi.stubGlobal('sessionStorage', new FakeStorage());
    vi.stubGlobal('location', { assign: (href: string) => went.push(href) });
    const place = { origin: 'https://meet.example', search: framed };
    const left = vi.fn(async () => {});
    expect(new Passage('blue', place).back(ada, left)).toBe(false); // it is of no other
    new Passage('blue', place).moveTo({ slug: 'blue--bcdfgh', secret, name: '1' }, ada, left);
    const there = new Passage('blue--bcdfgh', place);
    expect(there.main).toEqual({ slug: 'blue', name: '1' });
    expect(there.arrive()).toEqual({ ...ada, hand: 0, replaces: null });
    expect(there.arrive()).toBeNull(); // once
    expect(there.back({ ...ada, name: 'Ada L.' }, left)).toBe(true);
    await vi.waitFor(() => expect(went.length).toBe(2));
    expect(went).toEqual([
      `https://meet.example/r/blue--bcdfgh${framed}#${secret}`,
      `https://meet.example/r/blue${framed}`,
    ]);
    expect(new Passage('blue', place).arrive()?.name).toBe('Ada L.');
  }
});
