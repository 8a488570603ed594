// The gallery of test/ui, built and served: the page in every state, with a meeting that is none.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, preview } from 'vite';

export interface Gallery {
  url: string;
  close(): Promise<void>;
}

export async function openGallery(): Promise<Gallery> {
  const shared = {
    root: new URL('../..', import.meta.url).pathname,
    publicDir: false,
    logLevel: 'error',
  } as const;
  const outDir = mkdtempSync(join(tmpdir(), 'grotto-gallery-'));
  await build({ ...shared, build: { outDir, rolldownOptions: { input: 'test/ui/gallery.html' } } });
  const server = await preview({ ...shared, build: { outDir }, preview: { port: 0, host: '127.0.0.1' } });
  return { url: `${server.resolvedUrls?.local[0]}test/ui/gallery.html`, close: () => server.close() };
}
