// Whether this browser can treat sound and picture; what does so is loaded when it is first wanted.

// A module with one instruction on vectors: the program is built of them.
const SIMD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

let can: boolean | null = null;

export function canHideBackground(): boolean {
  can ??= WebAssembly.validate(SIMD) && hasWebGL();
  return can;
}

function hasWebGL(): boolean {
  const context = document.createElement('canvas').getContext('webgl2');
  context?.getExtension('WEBGL_lose_context')?.loseContext(); // browsers keep few of them
  return context !== null;
}

export function canSuppressNoise(): boolean {
  return typeof AudioWorkletNode !== 'undefined';
}
