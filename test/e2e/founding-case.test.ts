// Runs `plimsoll analyze` on figures written by hand, and checks verdict and exit code.

import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Analysis } from '../../core/documents/analysis.ts';
import { main } from '../support/plimsoll.ts';

const founding = fileURLToPath(new URL('../../examples/founding-70k', import.meta.url));

let copy: string;

beforeEach(async () => {
  copy = join(await mkdtemp(join(tmpdir(), 'plimsoll-founding-')), 'run');
  await cp(founding, copy, { recursive: true });
});

afterEach(() => rm(join(copy, '..'), { recursive: true }));

function analyze(...words: string[]) {
  return spawnSync(process.execPath, [main, 'analyze', ...words], { encoding: 'utf8' });
}

test('the safe maximum of the founding case is observed, limited by the outgoing traffic of its master', () => {
  const { status, stdout, stderr } = analyze(founding, '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(Analysis.parse(JSON.parse(stdout)).safeMaxTps).toMatchObject({
    kind: 'observed',
    tps: 70_000,
    limitedBy: { resource: 'network-out', node: 'RaftNode00:0' },
  });
});

test('contradictory figures leave the safe maximum unknown', async () => {
  const document = JSON.parse(await readFile(join(copy, 'run.json'), 'utf8')) as { workload: { messageBytes: number } };
  document.workload.messageBytes = 1024;
  await writeFile(join(copy, 'run.json'), JSON.stringify(document));
  const { status, stdout } = analyze(copy);
  expect(status).toBe(3);
  expect(stdout).toContain('[physically-infeasible]');
});
