import { defineConfig } from '@playwright/test';

// Real browsers on two cores: patience instead of retries, for a flaky test is a bug. Pages that hardly compute run beside
// calls; then, alone, what measures sizes, layers and networks, and would see the neighbours' load.
const pages = [
  'back',
  'closed',
  'embed',
  'moderation',
  'qr',
  'reach',
  'record',
  'remember',
  'remove',
  'screens',
  'secrets',
  'talk',
  'terminal',
  'verify',
  'words',
];
const alone = ['badnet', 'hostile', 'quality'];
const files = (names: string[]) => names.map((name) => `**/${name}.spec.ts`);

export default defineConfig({
  testDir: 'test/browsers',
  workers: 2,
  retries: 0,
  timeout: 180_000,
  reporter: [['list']],
  projects: [
    { name: 'calls', workers: 1, testMatch: '*.spec.ts', testIgnore: files([...pages, ...alone]) },
    { name: 'pages', workers: 1, testMatch: files(pages) },
    { name: 'alone', workers: 1, testMatch: files(alone), dependencies: ['calls', 'pages'] },
  ],
});
