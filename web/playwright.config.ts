import { defineConfig } from '@playwright/test';

// Real browsers on two cores: one test at a time, patience instead of retries. A flaky test is a bug.
export default defineConfig({
  testDir: 'test/browsers',
  testMatch: '*.spec.ts',
  workers: 1,
  retries: 0,
  timeout: 180_000,
  reporter: [['list']],
});
