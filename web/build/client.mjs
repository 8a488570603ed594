// Makes the npm package @grotto/client: the bundle, its types, and grotto-client.tgz of both.
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = fileURLToPath(new URL('..', import.meta.url));
const out = join(web, 'client/package');
const run = (name, ...args) =>
  execFileSync(process.execPath, [join(web, 'node_modules', name), ...args], {
    cwd: web,
    stdio: ['ignore', 'ignore', 'inherit'],
  });

rmSync(out, { recursive: true, force: true });
run('vite/bin/vite.js', 'build', '--config', 'vite.client.config.ts');
run('typescript/bin/tsc', '-p', 'tsconfig.client.json');

// The bundle has the signals in it; their types come from the package that is not Preact's.
const types = join(out, 'types');
for (const file of readdirSync(types, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.d.ts'))) {
  const text = readFileSync(join(types, file), 'utf8');
  writeFileSync(join(types, file), text.replaceAll("'@preact/signals'", "'@preact/signals-core'"));
}

const { version: signals } = JSON.parse(
  readFileSync(join(web, 'node_modules/@preact/signals-core/package.json'), 'utf8'),
);
const manifest = {
  ...JSON.parse(readFileSync(join(web, 'client/manifest.json'), 'utf8')),
  dependencies: { '@preact/signals-core': signals },
};
writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
cpSync(join(web, 'client/README.md'), join(out, 'README.md'));
cpSync(join(web, '../LICENSE'), join(out, 'LICENSE'));
const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', join(web, 'client')], {
  cwd: out,
  encoding: 'utf8',
});
renameSync(join(web, 'client', packed.trim().split('\n').at(-1) ?? ''), join(web, 'client/grotto-client.tgz'));
