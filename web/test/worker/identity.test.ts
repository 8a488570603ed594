import { beforeEach, describe, expect, test } from 'vitest';
import { type IdentityStore, type Kept, KeptIdentity, type Own } from '../../src/worker/identity.ts';
import type { Pin } from '../../src/worker/messages.ts';

/** A browser's storage and its lock, for the workers of several tabs. */
class Browser implements IdentityStore {
  kept: Kept | null = null;
  fault: string | null = null;
  private held = false;
  private made = 0;

  async load(): Promise<Kept | null> {
    if (this.fault) throw new Error(this.fault);
    return structuredClone(this.kept);
  }

  async save(kept: Kept): Promise<void> {
    if (this.fault) throw new Error(this.fault);
    this.kept = structuredClone(kept);
  }

  async erase(): Promise<void> {
    this.kept = null;
    this.fault = null;
  }

  /** A tab, and what its end does. */
  tab(): { identity: KeptIdentity; close(): void } {
    let mine = false;
    const close = () => {
      if (mine) this.held = false;
      mine = false;
    };
    const own: Own = async () => {
      if (this.held) return null;
      this.held = mine = true;
      return close;
    };
    return { identity: new KeptIdentity(this, own, () => `seed ${++this.made}`), close };
  }
}

const ben: Pin = { identity: 'QmVu', user: '@ben:x', name: 'Ben', verified: true };
const zed: Pin = { identity: 'WmVk', name: 'Zed', blocked: true };

let browser: Browser;
beforeEach(() => {
  browser = new Browser();
});

describe('a guest', () => {
  test('leaves nothing behind, whatever is looked at', async () => {
    const { identity } = browser.tab();
    expect(await identity.look()).toBe('guest');
    expect(await identity.pins()).toEqual([]);
    await identity.pin(ben);
    await identity.forgetPerson(ben.identity);
    expect(browser.kept).toBeNull();
  });
});

describe('an identity that is kept', () => {
  test('is made once, and is the same in the next tab', async () => {
    const first = browser.tab();
    expect(await first.identity.keep()).toBe('seed 1');
    expect(await first.identity.keep()).toBe('seed 1');
    first.close();
    const next = browser.tab();
    expect(await next.identity.look()).toBe('kept');
    expect(await next.identity.keep()).toBe('seed 1');
  });

  test('remembers people, each once and as they were last', async () => {
    const first = browser.tab();
    await first.identity.keep();
    await Promise.all([
      first.identity.pin({ ...ben, name: 'Benny' }),
      first.identity.pin(zed),
      first.identity.pin(ben),
    ]);
    first.close();
    const { identity } = browser.tab();
    expect(await identity.pins()).toEqual([zed, ben]);
    await identity.forgetPerson(zed.identity);
    expect(await identity.pins()).toEqual([ben]);
    expect(browser.kept?.pins).toEqual([ben]);
  });

  test('is one tab’s: a second one can neither use nor delete it', async () => {
    const first = browser.tab();
    const second = browser.tab();
    await first.identity.keep();
    for (const act of [
      () => second.identity.look(),
      () => second.identity.keep(),
      () => second.identity.pins(),
      () => second.identity.pin(zed),
      () => second.identity.forget(),
    ]) {
      await expect(act()).rejects.toThrow('another tab');
    }
    expect(browser.kept).toEqual({ seed: 'seed 1', pins: [] });
    first.close();
    expect(await second.identity.keep()).toBe('seed 1');
  });

  test('is read anew by a tab that waited', async () => {
    const first = browser.tab();
    const second = browser.tab();
    await first.identity.keep();
    await expect(second.identity.look()).rejects.toThrow();
    await first.identity.pin(ben);
    first.close();
    expect(await second.identity.pins()).toEqual([ben]);
  });

  test('and two tabs that begin at once become one device and a guest', async () => {
    const first = browser.tab();
    const second = browser.tab();
    const both = await Promise.allSettled([first.identity.keep(), second.identity.keep()]);
    expect(both.map((b) => b.status)).toEqual(['fulfilled', 'rejected']);
    expect(browser.kept?.seed).toBe('seed 1');
  });

  test('is forgotten with everybody; what comes after leaves nothing, and another tab may begin', async () => {
    const { identity } = browser.tab();
    await identity.keep();
    await identity.pin(ben);
    await identity.forget();
    await identity.pin(zed); // the call that goes on meets somebody
    expect(browser.kept).toBeNull();
    expect(await identity.look()).toBe('guest');
    expect(await browser.tab().identity.keep()).toBe('seed 2');
  });

  test('that cannot be read is not replaced by another; it can be forgotten', async () => {
    browser.kept = { seed: 'seed 0', pins: [] };
    browser.fault = 'the key of the kept identity is gone';
    const { identity } = browser.tab();
    await expect(identity.look()).rejects.toThrow('key');
    await expect(identity.keep()).rejects.toThrow('key');
    expect(browser.kept.seed).toBe('seed 0');
    await identity.forget();
    expect(await identity.keep()).toBe('seed 1');
  });
});
