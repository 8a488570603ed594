// The golden messages of package wire are read by Go, and are messages of wire.ts as well: each is written out as a typed
// constant and put before the compiler, which knows missing, unknown and mistyped fields.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const web = fileURLToPath(new URL('../..', import.meta.url));
const golden = join(web, '../internal/wire/testdata/golden');

/** The compiler's complaints about these messages. */
function complaints(messages: Record<string, string>): string {
  const directory = mkdtempSync(join(tmpdir(), 'grotto-golden-'));
  try {
    const wire = JSON.stringify(join(web, 'src/wire.ts'));
    const lines = [`import type { ClientMessage, ServerMessage } from ${wire};`];
    for (const [name, json] of Object.entries(messages)) {
      lines.push(`export const ${name}: ClientMessage | ServerMessage = ${json};`);
    }
    const file = join(directory, 'golden.ts');
    writeFileSync(file, lines.join('\n'));
    const flags = [
      '--noEmit',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--allowImportingTsExtensions',
      '--ignoreConfig',
    ];
    const found = spawnSync(
      join(web, 'node_modules/.bin/tsc'),
      [...flags, '--module', 'ESNext', '--moduleResolution', 'Bundler', file],
      { encoding: 'utf8', cwd: directory },
    );
    return found.stdout + found.stderr;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('every golden message is a message of wire.ts', { timeout: 60_000 }, () => {
  const files = readdirSync(golden).filter((file) => file.endsWith('.json'));
  expect(files.length).toBe(45);
  const messages = Object.fromEntries(
    files.map((file) => [basename(file, '.json'), readFileSync(join(golden, file), 'utf8')]),
  );
  expect(complaints(messages)).toBe('');
});

test.each([
  ['an unknown field', '{"type":"pong","id":1,"extra":1}'],
  ['a missing field', '{"type":"resumed","id":1}'],
  ['an unknown type', '{"type":"pung","id":1}'],
  ['a mistyped field', '{"type":"pong","id":"1"}'],
  ['an unknown code', '{"type":"error","code":"tired","message":""}'],
])('the compiler would find %s', { timeout: 60_000 }, (_, message) => {
  expect(complaints({ broken: message })).toMatch(/error TS/);
});
