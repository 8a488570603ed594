// Where in a picture the person is: MediaPipe's selfie segmentation, with the model and the program it ships, loaded from
// this origin when it is first wanted. It works in this page, by WebGL; no picture leaves it.
import type { SelfieSegmentation } from '@mediapipe/selfie_segmentation';
import graph from '@mediapipe/selfie_segmentation/selfie_segmentation.binarypb?url';
import main from '@mediapipe/selfie_segmentation/selfie_segmentation.js?url';
import model from '@mediapipe/selfie_segmentation/selfie_segmentation_landscape.tflite?url';
import program from '@mediapipe/selfie_segmentation/selfie_segmentation_solution_simd_wasm_bin.js?url';
import wasm from '@mediapipe/selfie_segmentation/selfie_segmentation_solution_simd_wasm_bin.wasm?url';

export interface Segmenter {
  /** Finds the person in `picture` and has `draw` use the mask, which is opaque where the person is. One after the other. */
  mask(picture: HTMLCanvasElement, draw: (mask: CanvasImageSource) => void): Promise<void>;
}

/** The size of picture that the model takes; larger ones only cost time. */
export const MODEL_SIZE = { width: 256, height: 144 };

const LANDSCAPE = 1; // of the package's two models, the smaller picture

let loaded: Promise<Segmenter> | null = null;

/** One for the page: it takes some 50 MB. */
export function segmenter(): Promise<Segmenter> {
  loaded ??= load().catch((error: unknown) => {
    loaded = null; // the next one who asks tries again
    throw error;
  });
  return loaded;
}

async function load(): Promise<Segmenter> {
  const files: Record<string, string> = {
    'selfie_segmentation_solution_simd_wasm_bin.js': program,
    'selfie_segmentation_solution_simd_wasm_bin.wasm': wasm,
    'selfie_segmentation.binarypb': graph,
    'selfie_segmentation_landscape.tflite': model,
  };
  await script(main);
  const { SelfieSegmentation: Solution } = globalThis as unknown as { SelfieSegmentation: typeof SelfieSegmentation };
  const solution = new Solution({ locateFile: (name) => files[name] ?? name });
  solution.setOptions({ modelSelection: LANDSCAPE, selfieMode: false });
  let draw: ((mask: CanvasImageSource) => void) | null = null;
  solution.onResults(({ image, segmentationMask }) => {
    draw?.(segmentationMask);
    for (const bitmap of [image, segmentationMask]) if (bitmap instanceof ImageBitmap) bitmap.close();
  });
  await solution.initialize();
  let turn: Promise<void> = Promise.resolve();
  return {
    mask(picture, use) {
      const mine = turn.then(async () => {
        let drawn = false;
        draw = (mask) => {
          drawn = true;
          use(mask);
        };
        await solution.send({ image: picture });
        if (!drawn) throw new Error('no mask came of the picture');
      });
      turn = mine.catch(() => {});
      return mine;
    },
  };
}

/** The package is a plain script, which puts its class on the window. */
function script(src: string): Promise<void> {
  const element = document.createElement('script');
  element.src = src;
  const done = new Promise<void>((resolve, reject) => {
    element.onload = () => resolve();
    element.onerror = () => reject(new Error('the background could not be loaded'));
  });
  document.head.append(element);
  return done.finally(() => element.remove());
}
