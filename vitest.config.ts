// Which tests are there, and how may they run? Four projects; those with real brokers run one file at a time.

import { defineConfig } from 'vitest/config';

const second = 1000;

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // A process of its own for each of 340 files took as much again as the tests in them.
          isolate: false,
          include: ['test/unit/**/*.test.ts', 'test/contracts/**/*.test.ts'],
          testTimeout: 20 * second,
        },
      },
      {
        extends: true,
        test: {
          name: 'property',
          isolate: false,
          include: ['test/properties/**/*.test.ts'],
          testTimeout: process.env['PLIMSOLL_TEST_FULL'] === '1' ? 1800 * second : 60 * second,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/conformance/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 180 * second,
          hookTimeout: 180 * second,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'test/truth/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 300 * second,
          hookTimeout: 300 * second,
          sequence: { groupOrder: 2 },
        },
      },
    ],
    setupFiles: ['test/support/setup.ts'],
    passWithNoTests: true,
    restoreMocks: true,
    unstubEnvs: true,
  },
});
