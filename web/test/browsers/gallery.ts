// The gallery of test/ui, served by Vite as in development: the page in every state, with a meeting that is none.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'vite';

export interface Gallery {
  url: string;
  close(): Promise<void>;
}

/** What Vite prepares before the first page, so that no page is loaded twice. */
const parts = ['preact', 'preact/hooks', 'preact/jsx-dev-runtime', '@preact/signals', 'uqr', 'jsqr'];

export async function openGallery(): Promise<Gallery> {
  const server = await createServer({
    root: new URL('../..', import.meta.url).pathname,
    cacheDir: mkdtempSync(join(tmpdir(), 'grotto-gallery-')), // not the one of a developer's own server
    optimizeDeps: { entries: [], include: parts },
    server: { port: 0, host: '127.0.0.1', hmr: false },
    logLevel: 'error',
  });
  await server.listen();
  return { url: `${server.resolvedUrls?.local[0]}test/ui/gallery.html`, close: () => server.close() };
}
