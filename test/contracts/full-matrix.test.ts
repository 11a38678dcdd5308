// Tests that a killed part of the full matrix loses only the running file, and resumes after it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parsePartRecord, type PartRecord } from '../support/full-matrix/part-record.ts';

let cwd: string;
beforeAll(async () => {
  // Inside node_modules, where the suite finds Vitest, and git finds no new files.
  cwd = await mkdtemp(resolve('node_modules/.full-matrix-'));
  await cp('test/fixtures/suite-to-resume', cwd, { recursive: true });
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const start = (words: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  spawn(process.execPath, [resolve('test/run.ts'), '--full', ...words], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
    detached: true,
  });

async function readRecord(): Promise<PartRecord | undefined> {
  const path = join(cwd, 'evidence/reliability/part-1-of-1.ndjson');
  return existsSync(path) ? parsePartRecord(await readFile(path, 'utf8')) : undefined;
}

test('Ctrl+C records the files that have ended, and that the part was stopped', async () => {
  const stopped = start(['--part', '1/1'], { WAITS: 'true' });
  const output = stopped.stdout.toArray();
  await vi.waitUntil(async () => (await readRecord())?.records.length === 1, { timeout: 60_000, interval: 100 });
  stopped.kill('SIGINT');
  expect(await once(stopped, 'exit')).toEqual([130, null]);
  expect((await output).join('').trimEnd().split('\n').at(-1)).toBe('1 passed, 0 failed, 0 skipped');
  expect((await readRecord())?.records).toMatchObject([{ file: 'a.test.js', passed: 1, failures: [] }]);
  const runs = await readFile(join(cwd, 'evidence/reliability/runs.ndjson'), 'utf8');
  expect(runs).toContain('1 passed, 0 failed, 0 skipped stopped by hand after');
}, 180_000);

test('SIGKILL keeps the files that have ended, and --resume runs the others', async () => {
  const killed = start(['--part', '1/1'], { WAITS: 'true' });
  await vi.waitUntil(async () => (await readRecord())?.records.length === 1, { timeout: 60_000, interval: 100 });
  process.kill(-(killed.pid ?? NaN), 'SIGKILL');
  await once(killed, 'close');
  const before = await readRecord();
  expect(before?.files).toEqual(['a.test.js', 'b.test.js']);
  expect(before?.records).toMatchObject([{ file: 'a.test.js', passed: 1, failures: [] }]);

  const resumed = start(['--resume']);
  const output = (await resumed.stdout.toArray()).join('');
  expect(output.trimEnd().split('\n').at(-1)).toBe('0 passed, 1 failed, 0 skipped');
  const after = await readRecord();
  expect(after?.records.map(({ file }) => file)).toEqual(['a.test.js', 'b.test.js']);
  expect(after?.records[0]).toEqual(before?.records[0]);
  expect(after?.records[1]?.failures).toEqual([expect.objectContaining({ error: 'no broker' })]);
  const page = await readFile(join(cwd, 'docs/evidence/reliability.md'), 'utf8');
  expect(page).toContain('| b.test.js | `b waits until its run is killed, and fails in the next` |');
}, 180_000);
