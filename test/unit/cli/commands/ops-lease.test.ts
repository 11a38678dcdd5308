// Checks commands that change a cluster while its lease cannot be read.

import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RocketmqClusterConfig } from '../../../../brokers/rocketmq/config.ts';
import { takeLease } from '../../../../app/change/take-lease.ts';
import { LeasesDocument } from '../../../../core/documents/change-leases.ts';
import type { Caller } from '../../../../app/caller.ts';
import { confirm } from '../../../../cli/confirm.ts';
import { systemClock } from '../../../../core/clock.ts';
import { createLogger } from '../../../../core/log.ts';
import { runWords } from '../../../support/run-words.ts';

/** Address without a listener. */
const nobody = '127.0.0.1:1';
const cluster = { name: 'orders', config: RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: [nobody] }) };
const what = { change: 'queues', subject: 'payments' };

function commandIo() {
  const written: string[] = [];
  const output = { write: (text: string) => void written.push(text), isTerminal: false, columns: 100 };
  const io: Caller = {
    confirm: (name, said) => confirm(io, name, said),
    confirmDeletion: () => Promise.reject(new Error('nothing is deleted')),
    options: {},
    stdout: output,
    stderr: output,
    signal: new AbortController().signal,
    environment: {},
    clock: systemClock,
    openLog: async () => createLogger('silent'),
  };
  return { io, written };
}

test('begins nothing, and the error names the address that does not answer', async () => {
  const { io } = commandIo();
  const refusal = takeLease(io, cluster, what);
  await expect(refusal).rejects.toMatchObject({ code: 'lease-unreachable' });
  await expect(refusal).rejects.toThrow(`cannot read the lease of cluster orders: cannot reach ${nobody}`);
});

test('a rollback continues without the lease, with a notice', async () => {
  const { io, written } = commandIo();
  await using lease = await takeLease(io, cluster, { ...what, isBack: true });
  expect(lease.id).toBeUndefined();
  expect(() => lease.check()).not.toThrow();
  expect(written.join('')).toContain('rolling back without the lease of the cluster: cannot');
});

test('ops status shows each configured cluster, even one that does not answer', async () => {
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
