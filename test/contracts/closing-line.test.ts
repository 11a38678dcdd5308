// Does the last line of `npm test` count everything that can go wrong with a test file?

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const run = fileURLToPath(new URL('../run.ts', import.meta.url));
const suite = fileURLToPath(new URL('../fixtures/suite-with-every-outcome', import.meta.url));

test('the closing line counts a failed test, an unloadable file and a broken hook, and lists the skip', () => {
  const { CI: _, ...environment } = process.env;
  const { status, stdout } = spawnSync(process.execPath, [run], { cwd: suite, encoding: 'utf8', env: environment });
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('1 passed, 3 failed, 2 skipped');
  expect(stdout).toContain('the moon is missing: wait for it');
  expect(status).toBe(1);
});

test('a path that matches no test is not a success', () => {
  const { status, stdout } = spawnSync(process.execPath, [run, 'no-such-file'], { cwd: suite, encoding: 'utf8' });
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('0 passed, 0 failed, 0 skipped');
  expect(status).toBe(1);
});
