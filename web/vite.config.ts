import { readFileSync } from 'node:fs';
import { defineConfig, type Plugin } from 'vitest/config';

// The page and the operator's, one worker, the key engine as an asset of the worker, and a module for other pages of this origin. All but
// that module's name is hashed, nothing is inlined: the server's content security policy allows scripts and styles from
// its own origin only.
// What other origins load: as it stands, under a name that stays.
const embedScript: Plugin = {
  name: 'external-api',
  generateBundle() {
    const source = readFileSync(new URL('embed/external_api.js', import.meta.url));
    this.emitFile({ type: 'asset', fileName: 'external_api.js', source });
  },
};

export default defineConfig({
  base: '/',
  publicDir: 'public', // holds .keep, which keeps web/dist in a fresh clone
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [embedScript],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2023',
    sourcemap: false,
    rolldownOptions: {
      input: { index: 'index.html', admin: 'admin.html', embed: 'src/embed.ts' },
      preserveEntrySignatures: 'exports-only', // what embed.ts exports is for other pages
      output: { entryFileNames: ({ name }) => (name === 'embed' ? 'embed.js' : 'assets/[name]-[hash].js') },
    },
  },
  server: { fs: { allow: ['.', '../olmkeys/wordlist'] } }, // the one file outside that the page imports
  worker: {
    format: 'es',
    rolldownOptions: {
      output: { entryFileNames: ({ name }) => `assets/${name === 'main' ? 'worker' : name}-[hash].js` },
    },
  },
  test: { include: ['test/**/*.test.{ts,tsx}'], exclude: ['test/e2e/**'], environment: 'node' },
});
