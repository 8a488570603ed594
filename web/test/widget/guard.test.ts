// Who a widget listens to, and what its address has to say.
import { describe, expect, test } from 'vitest';
import { isProblem, isWidget, readAddress } from '../../src/widget/address.ts';
import { type Around, Guard, type Heard } from '../../src/widget/guard.ts';

const client = 'https://app.element.example';
const query = {
  widgetId: 'w1',
  parentUrl: `${client}/#/room/!room:hs`,
  roomId: '!room:hs',
  userId: '@ada:hs',
  deviceId: 'ADAPHONE',
};

class FakeAround implements Around {
  parent = {};
  origin = 'https://meet.example';
  said: unknown[] = [];
  heard: (message: Heard) => void = () => {};
  named = [client];
  listen(heard: (message: Heard) => void): void {
    this.heard = heard;
  }
  say(data: unknown): void {
    this.said.push(data);
  }
  async embedders(): Promise<string[]> {
    return this.named;
  }
  /** Whether a message goes on to the library. */
  passes(data: unknown, origin: string, source: unknown = this.parent): boolean {
    let passed = true;
    const stopImmediatePropagation = () => {
      passed = false;
    };
    this.heard({ data, origin, source, stopImmediatePropagation });
    return passed;
  }
}

describe('M8 a widget hears', () => {
  test('the window around it from the origin in its address, and nobody else', () => {
    const around = new FakeAround();
    new Guard(around, client).open();
    expect(around.passes('hello', client)).toBe(true);
    expect(around.passes('hello', 'https://evil.example')).toBe(false);
    expect(around.passes('hello', 'null')).toBe(false);
    expect(around.passes('hello', client, {})).toBe(false); // another window of that origin
  });

  test('what was said before it could listen, once, and of nobody else', () => {
    const around = new FakeAround();
    const guard = new Guard(around, client);
    expect(around.passes('capabilities', client)).toBe(false);
    expect(around.passes('forged', 'https://evil.example')).toBe(false);
    guard.open();
    guard.open();
    expect(around.said).toEqual(['capabilities']);
  });

  test('nobody whom the server does not name, or whose address says nothing', async () => {
    const around = new FakeAround();
    expect(await new Guard(around, client).allows()).toBe(true);
    expect(await new Guard(around, around.origin).allows()).toBe(true);
    expect(await new Guard(around, 'https://evil.example').allows()).toBe(false);
    const deaf = new Guard(around, '');
    deaf.open();
    expect(around.passes('hello', 'null')).toBe(false);
    expect(await deaf.allows()).toBe(false);
  });
});

describe('the address of a widget', () => {
  const read = (change: Record<string, string> = {}) => readAddress(`?${new URLSearchParams({ ...query, ...change })}`);

  test('names the client, the room, the user and the device', () => {
    expect(read({ name: 'Ada', theme: 'dark', lang: 'de-AT' })).toEqual({
      widgetID: 'w1',
      parentOrigin: client,
      roomID: '!room:hs',
      userID: '@ada:hs',
      deviceID: 'ADAPHONE',
      name: 'Ada',
      theme: 'dark',
      language: 'de-AT',
      guests: false,
    });
    expect(isWidget('?widgetId=w1&parentUrl=x')).toBe(true);
    expect(isWidget('?embedded')).toBe(false);
  });

  test.each([
    { parentUrl: 'javascript:alert(1)' },
    { parentUrl: 'file:///etc/passwd' },
    { parentUrl: '' },
    { roomId: '#alias:hs' },
    { userId: 'ada' },
    { deviceId: '$org.matrix.msc3819.matrix_device_id' },
    { deviceId: '' },
  ])('is refused in words: %o', (change) => {
    const problem = read(change);
    expect(isProblem(problem) && problem.code).toBe('widget_address');
  });
});
