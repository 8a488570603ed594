// Runs engine.wasm in Node for the tests: node driver.cjs wasm_exec.js engine.wasm. Each line of standard input is
// {"call": name, "argument": text}; each line of standard output is what that function of grottoEngine returned.
'use strict';
const fs = require('node:fs');
const readline = require('node:readline');

async function main() {
  const [, , exec, wasm] = process.argv;
  require(exec);
  const go = new globalThis.Go();
  const { instance } = await WebAssembly.instantiate(fs.readFileSync(wasm), go.importObject);
  go.run(instance);
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { call, argument } = JSON.parse(line);
    const result = globalThis.grottoEngine[call](argument);
    if (typeof result !== 'string') throw new Error(`${call} returned ${typeof result}`);
    process.stdout.write(`${result}\n`);
  }
  process.exit(0);
}

main().catch((err) => {
  console.error(err);
  process.exit(1);
});
