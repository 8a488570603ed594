// Runs the engine in Chromium for the benchmarks of olmkeys: node engine.mjs wasm_exec.js engine.wasm. Each line of
// standard input is {"call", "argument", "now"}: a function of grottoEngine, and the time it is told. Each line of output is
// {"result", "ms"}: how long the browser took for it. The time is told, as in the simulation around it; ms is real.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { chromium } from '@playwright/test';

const [, , exec, wasm] = process.argv;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
const page = await browser.newPage();
await page.evaluate(() => {
  const real = performance.now.bind(performance);
  let now = 0;
  globalThis.tell = (ms) => {
    now = ms;
  };
  globalThis.real = real;
  globalThis.Date = class extends Date {
    constructor(...args) {
      super(...(args.length > 0 ? args : [now]));
    }
  };
  performance.now = () => now;
});
await page.addScriptTag({ path: exec });
await page.evaluate(async (base64) => {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const go = new globalThis.Go();
  const { instance } = await WebAssembly.instantiate(bytes, go.importObject);
  go.run(instance);
}, readFileSync(wasm).toString('base64'));

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await page.evaluate(({ call, argument, now }) => {
    globalThis.tell(now);
    const began = globalThis.real();
    const result = globalThis.grottoEngine[call](argument);
    return { result, ms: globalThis.real() - began };
  }, JSON.parse(line));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
