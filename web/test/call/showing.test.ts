import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Showing, Viewport, type Watchable } from '../../src/call/showing.ts';
import type { Shown } from '../../src/wire.ts';

const video = (mid: string, more: Partial<Watchable> = {}): Watchable => ({
  mid,
  tile: `tile ${mid}`,
  screen: false,
  speaking: false,
  ...more,
});
const shown = (mid: string, width = 320, height = 180): Shown => ({ mid, width, height, rank: 'grid' });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a viewport', () => {
  test('shows the tiles that are seen, in pixels, by what they matter', () => {
    const viewport = new Viewport(() => {});
    const watchable = [
      video('0'),
      video('1', { speaking: true }),
      video('2', { screen: true, speaking: true }),
      video('3'),
      video('4'),
    ];
    for (const { tile, mid } of watchable) if (mid !== '3') viewport.see(tile, { width: 320.4, height: 179.6 });
    viewport.pin('tile 4');
    const ranks = viewport.shown(watchable).map(({ mid, width, height, rank }) => [mid, width, height, rank]);
    expect(ranks).toEqual([
      ['0', 320, 180, 'grid'],
      ['1', 320, 180, 'speaker'],
      ['2', 320, 180, 'screen'],
      ['4', 320, 180, 'pinned'],
    ]);
  });

  test('shows nothing behind another page, nothing that left its sight, and tells of each change', () => {
    const changed = vi.fn();
    const viewport = new Viewport(changed);
    const all = () => viewport.shown([video('0')]).length;
    viewport.see('tile 0', { width: 320, height: 180 });
    expect(all()).toBe(1);
    viewport.hide(true);
    expect(all()).toBe(0);
    viewport.hide(false);
    expect(all()).toBe(1);
    viewport.see('tile 0', null);
    expect(all()).toBe(0);
    expect(changed).toHaveBeenCalledTimes(4);
  });
});

describe('showing', () => {
  function bench() {
    const sent: string[] = [];
    const showing = new Showing((videos, silent) => {
      sent.push([...videos.map((v) => `${v.mid} ${v.width}`), ...silent.map((mid) => `not ${mid}`)].join(', '));
    });
    return { sent, showing };
  }

  test('what appears is told at once', () => {
    const { sent, showing } = bench();
    showing.want([shown('0')], []);
    showing.want([shown('0'), shown('1')], []);
    expect(sent).toEqual(['0 320', '0 320, 1 320']);
  });

  test('what changes size is told 200 ms later, once, as it is then', () => {
    const { sent, showing } = bench();
    showing.want([shown('0')], []);
    for (const width of [400, 500, 600]) showing.want([shown('0', width)], []);
    vi.advanceTimersByTime(199);
    expect(sent).toEqual(['0 320']);
    vi.advanceTimersByTime(1);
    expect(sent).toEqual(['0 320', '0 600']);
  });

  test('it does not wait for the last of many changes', () => {
    const { sent, showing } = bench();
    showing.want([shown('0')], []);
    for (let i = 1; i <= 10; i++) {
      showing.want([shown('0', 320 + i)], []);
      vi.advanceTimersByTime(100);
    }
    expect(sent.length).toBe(6);
  });

  test('what goes and comes back within that time is not told', () => {
    const { sent, showing } = bench();
    showing.want([shown('0')], []);
    showing.want([], []);
    showing.want([shown('0')], []);
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual(['0 320']);
  });

  test('what appears takes what else has changed along', () => {
    const { sent, showing } = bench();
    showing.want([shown('0')], []);
    showing.want([shown('0', 640)], ['4']);
    showing.want([shown('0', 640), shown('1')], ['4']);
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual(['0 320', '0 640, 1 320, not 4']);
  });

  test('after another offer it is told again, at once: an m-line may be another video now', () => {
    const { sent, showing } = bench();
    showing.renew();
    expect(showing.unused).toBe(true);
    showing.want([shown('0')], ['4']);
    showing.renew();
    showing.want([shown('0')], ['4']);
    showing.want([shown('0')], ['4']);
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual(['0 320, not 4', '0 320, not 4']);
  });

  test('nothing is sent when it has stopped', () => {
    const { sent, showing } = bench();
    showing.want([], ['4']);
    showing.stop();
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual([]);
  });
});

test('what is recorded is received though the page is hidden, and as large as the larger of the two', () => {
  const viewport = new Viewport(() => {});
  const watchable = [video('0'), video('1')];
  viewport.see('tile 0', { width: 640, height: 360 });
  const small = { width: 320, height: 180 };
  viewport.record(
    new Map([
      ['tile 0', small],
      ['tile 1', small],
    ]),
  );
  expect(viewport.shown(watchable)).toEqual([shown('0', 640, 360), shown('1')]);
  viewport.hide(true);
  expect(viewport.shown(watchable)).toEqual([shown('0'), shown('1')]);
  viewport.record(new Map());
  expect(viewport.shown(watchable)).toEqual([]);
});
