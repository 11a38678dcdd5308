// Checks that the last line of `npm test` counts every kind of failure of a test file.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const run = fileURLToPath(new URL('../run.ts', import.meta.url));

function runSuite(suite: string, environment: NodeJS.ProcessEnv = {}, words: readonly string[] = []) {
  const cwd = fileURLToPath(new URL(`../fixtures/${suite}`, import.meta.url));
  const { CI: _, ...inherited } = process.env;
  const { status, stdout } = spawnSync(process.execPath, [run, ...words], {
    cwd,
    encoding: 'utf8',
    env: { ...inherited, ...environment },
  });
  return { status, stdout, closing: stdout.trimEnd().split('\n').at(-1) };
}

test('counts a failed test, an unloadable file and a broken hook, and lists the skipped tests', () => {
  const { status, stdout, closing } = runSuite('suite-with-every-outcome');
  expect(closing).toBe('1 passed, 3 failed, 2 skipped');
  expect(stdout).toContain('the moon is missing: wait for it');
  expect(status).toBe(1);
});

test('fails when a path matches no test', () => {
  const { status, closing } = runSuite('suite-with-every-outcome', {}, ['no-such-file']);
  expect(closing).toBe('0 passed, 0 failed, 0 skipped');
  expect(status).toBe(1);
});

test('skips a suite whose prerequisites are missing, and prints the commands that install them', () => {
  const { status, stdout, closing } = runSuite('suite-with-a-prerequisite', { PATH: '' });
  expect(closing).toBe('1 passed, 0 failed, 1 skipped');
  expect(stdout).toContain(
    'java is missing: apt-get install openjdk-17-jre-headless; maven is missing: apt-get install maven',
  );
  expect(status).toBe(0);
});

test('fails the same suite under CI', () => {
  const { status, closing } = runSuite('suite-with-a-prerequisite', { PATH: '', CI: 'true' });
  expect(closing).toBe('1 passed, 1 failed, 0 skipped');
  expect(status).toBe(1);
});
