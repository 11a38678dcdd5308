// What do commands that change a cluster do while its lease cannot be read?

import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LeasesDocument } from '../../../../cli/change/lease-status.ts';
import { changeFile, readChange, saveChange, type ChangeState } from '../../../../ops/rocketmq/change-state.ts';
import { runWords } from '../../../support/run-words.ts';

/** Nobody listens there. */
const nobody = '127.0.0.1:1';
const identity = { cluster: 'rocketmq', change: 'name-servers', subject: '127.0.0.1:9' };
const begun: ChangeState = {
  schemaVersion: 1,
  ...identity,
  status: 'running',
  startedAt: '2026-11-20T10:00:00.000Z',
  before: [],
  facts: { add: '127.0.0.1:9', others: [nobody], brokers: [], topics: [], longestSeconds: 1 },
  steps: [],
};

async function withJournal() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-ops-lease-'));
  const path = changeFile(folder.path, identity);
  await saveChange(path, begun);
  const words = ['ops', 'rocketmq', 'name-servers', '--add', '127.0.0.1:9', '--namesrv', nobody];
  return { folder, path, run: (...more: string[]) => runWords(...words, '--state-dir', folder.path, ...more) };
}

test('--resume does nothing, and says which place does not answer', async () => {
  const { folder, path, run } = await withJournal();
  await using _ = folder;
  const { exitCode, stdout, stderr } = await run('--resume');
  expect({ exitCode, stdout }).toEqual({ exitCode: 5, stdout: '' });
  expect(stderr).toContain('cannot read the lease of cluster rocketmq: cannot');
  expect(stderr).toContain(nobody);
  expect(await readChange(path)).toEqual(begun);
});

test('--abort with a journal goes back without the lease, and says so', async () => {
  const { folder, path, run } = await withJournal();
  await using _ = folder;
  const { exitCode, stderr } = await run('--abort', '--confirm', 'rocketmq');
  expect(exitCode, stderr).toBe(0);
  expect(stderr).toContain('going back without the lease of the cluster: cannot');
  expect(await readChange(path)).toMatchObject({ status: 'aborted' });
});

test('ops status shows each configured cluster, also one that does not answer', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-ops-status-'));
  const config = join(folder.path, 'plimsoll.yaml');
  await writeFile(config, `clusters:\n  orders: { broker: rocketmq, namesrv: ["${nobody}"] }\n`);
  const json = await runWords('ops', 'status', '--config', config, '--json');
  expect(json.exitCode).toBe(3);
  expect(LeasesDocument.parse(JSON.parse(json.stdout)).leases).toMatchObject([{ cluster: 'orders', state: 'unknown' }]);
  const text = await runWords('ops', 'status', '--config', config);
  expect(text.stdout).toContain('orders   unknown');
  expect(text.stderr).toContain(`orders: cannot`);
});
