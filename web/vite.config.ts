import { defineConfig } from 'vitest/config';

// One page, one worker, the key engine as an asset of the worker, and a module for other pages of this origin. All but
// that module's name is hashed, nothing is inlined: the server's content security policy allows scripts and styles from
// its own origin only.
export default defineConfig({
  base: '/',
  publicDir: 'public', // holds .keep, which keeps web/dist in a fresh clone
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2023',
    sourcemap: false,
    rolldownOptions: {
      input: { index: 'index.html', embed: 'src/embed.ts' },
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
