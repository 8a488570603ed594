import { defineConfig } from 'vite';

// The package: one module, with the worker and the engine beside it, found relative to it wherever it is put.
export default defineConfig({
  base: './',
  publicDir: false,
  resolve: { alias: { '@preact/signals': '@preact/signals-core' } }, // there is nothing of Preact in it
  build: {
    outDir: 'client/package/dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    target: 'es2023',
    rolldownOptions: {
      input: { client: 'src/client.ts', rest: 'src/rest/client.ts' },
      preserveEntrySignatures: 'exports-only',
      output: { entryFileNames: '[name].js' },
    },
  },
  worker: { format: 'es' },
});
