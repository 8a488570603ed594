// What treats sound and picture in this browser; each part is loaded when it is first wanted.
import type { Makers } from '../treatment.ts';

export const browserMakers: Makers = {
  withoutNoise: async (raw) => (await import('./noise.ts')).withoutNoise(raw),
  withBackground: async (...wanted) => (await import('./background.ts')).withBackground(...wanted),
  onTouch: (act) => {
    const touched = () => {
      removeEventListener('pointerdown', touched);
      removeEventListener('keydown', touched);
      act();
    };
    addEventListener('pointerdown', touched);
    addEventListener('keydown', touched);
  },
};
