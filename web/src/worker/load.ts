// Loads the engine: Go's own loader, then the WebAssembly module that Vite put beside this script.
import '../../engine/wasm_exec.js';
import engineURL from '../../engine/engine.wasm?url';
import { Engine, type RawEngine } from './engine.ts';

/** What wasm_exec.js puts on the global object. */
interface GoRuntime {
  importObject: WebAssembly.Imports;
  run(instance: WebAssembly.Instance): Promise<void>;
}

interface EngineGlobals {
  Go: new () => GoRuntime;
  grottoEngine?: RawEngine;
}

/** Starts the engine. `exited` is called if the program ever ends, which it does only when it crashed. */
export async function loadEngine(exited: () => void): Promise<Engine> {
  const globals = globalThis as unknown as EngineGlobals;
  const response = await fetch(engineURL);
  if (!response.ok) throw new Error(`the engine could not be loaded: ${response.status}`);
  const go = new globals.Go();
  const { instance } = await instantiate(response, go.importObject);
  go.run(instance).then(exited, exited);
  if (!globals.grottoEngine) throw new Error('the engine started without its functions');
  return new Engine(globals.grottoEngine);
}

/** Streaming compilation needs the right content type; a proxy may have lost it. */
async function instantiate(response: Response, imports: WebAssembly.Imports) {
  if (response.headers.get('content-type') === 'application/wasm') {
    return WebAssembly.instantiateStreaming(response, imports);
  }
  return WebAssembly.instantiate(await response.arrayBuffer(), imports);
}
