import { expect, test } from 'vitest';
import { keepWith, storedMain, storeMain, tabStorage } from '../../src/call/stored.ts';

test('where the browser keeps nothing, whoever has the room in a frame keeps it', () => {
  const denied = {
    get() {
      throw new DOMException('denied', 'SecurityError');
    },
  };
  Object.defineProperty(globalThis, 'sessionStorage', { ...denied, configurable: true });
  const heard: object[] = [];
  keepWith({ 'grotto.main.blue--bcdfgh': '{"slug":"blue","name":"1"}' }, (kept) => heard.push(kept));
  expect(storedMain(tabStorage(), 'blue--bcdfgh')).toEqual({ slug: 'blue', name: '1' });
  storeMain(tabStorage(), 'red--bcdfgh', { slug: 'red', name: '2' });
  expect(storedMain(tabStorage(), 'red--bcdfgh')).toEqual({ slug: 'red', name: '2' }); // of whoever asks next, too
  tabStorage().removeItem('grotto.main.blue--bcdfgh');
  tabStorage().removeItem('none');
  expect(heard.map((kept) => Object.keys(kept))).toEqual([
    ['grotto.main.blue--bcdfgh', 'grotto.main.red--bcdfgh'],
    ['grotto.main.red--bcdfgh'],
  ]);
  Reflect.deleteProperty(globalThis, 'sessionStorage');
});
