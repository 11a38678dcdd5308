// Which tests are there, and how may they run? Five projects; those with real brokers two files at a time in the quick form, else one.

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const second = 1000;
const isFull = process.env['PLIMSOLL_TEST_FULL'] === '1';

/** Of the quick form: they compare milliseconds or the rate of a link, and nothing may run beside them. */
const alone = isFull
  ? []
  : [
      'test/integration/consumer-lag.test.ts',
      'test/integration/gc-matrix.test.ts',
      'test/integration/kafka-under-load.test.ts',
      'test/integration/lab/shaped-nic.test.ts',
    ];

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
          testTimeout: isFull ? 1800 * second : 60 * second,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/conformance/**/*.test.ts'],
          exclude: alone,
          // Most of the time a broker starts or a test waits.
          maxWorkers: isFull ? 1 : 2,
          testTimeout: 180 * second,
          hookTimeout: 180 * second,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: alone,
          maxWorkers: 1,
          testTimeout: 180 * second,
          hookTimeout: 180 * second,
          sequence: { groupOrder: 2 },
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
          sequence: { groupOrder: 3 },
        },
      },
    ],
    setupFiles: ['test/support/setup.ts'],
    env: {
      // For the programs that tests start: without it each of them strips the types of some 300 files, 0.6 s of processor time.
      NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url)),
      // A Kafka broker is up after 2.2 s of processor time, and with code that is meant for days after 3.7 s.
      ...(!isFull && { JDK_JAVA_OPTIONS: '-XX:TieredStopAtLevel=1' }),
    },
    passWithNoTests: true,
    restoreMocks: true,
    unstubEnvs: true,
  },
});
