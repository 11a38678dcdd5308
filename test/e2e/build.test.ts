// Does the published form work: JavaScript in dist/, with every file it reads beside it?

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';

const pathOf = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const command = (...words: string[]) =>
  spawnSync(process.execPath, [pathOf('dist/cli/main.js'), ...words], { encoding: 'utf8' });

beforeAll(() => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [pathOf('tools/build.ts')], { encoding: 'utf8' });
  expect(status, stdout + stderr).toBe(0);
});

test('the built command shows its help', () => {
  const { status, stdout } = command('--help');
  expect(status).toBe(0);
  expect(stdout).toContain('Usage: plimsoll COMMAND');
});

test('the built command analyses a run with the policy that ships with it', () => {
  const { status, stdout, stderr } = command('analyze', pathOf('examples/founding-70k'), '--json');
  expect(status, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, safeMaxTps: { kind: 'observed' } });
});
