import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { drivers } from '../../../../brokers/registry.ts';
import { runWords } from '../../../support/run-words.ts';

let folder: ReturnType<typeof mkdtempDisposableSync>;
beforeEach(() => {
  folder = mkdtempDisposableSync(join(tmpdir(), 'plimsoll-ready-'));
  const cluster = { name: 'orders', kind: 'kafka' as const, brokers: [{ id: '1', address: '192.0.2.1:9092' }] };
  vi.spyOn(drivers.kafka, 'inspect').mockResolvedValue({
    describe: async () => cluster,
    snapshot: async () => ({ cluster, topics: [], offsets: [], groups: [], sections: [] }),
    async [Symbol.asyncDispose]() {},
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  folder.remove();
});

/** @param over config of the cluster, whose brokers have no hosts */
function ready(words: readonly string[], over: object = {}) {
  const config = join(folder.path, 'plimsoll.yaml');
  writeFileSync(
    config,
    stringify({ clusters: { orders: { broker: 'kafka', bootstrap: ['192.0.2.1:9092'], ...over } } }),
  );
  return runWords('ready', '--config', config, ...words);
}

test('with --json, missing metrics and the error are one document', async () => {
  const { exitCode, stdout, stderr } = await ready(['--json']);
  expect([exitCode, stderr]).toEqual([5, '']);
  expect(JSON.parse(stdout)).toMatchObject({
    cluster: 'orders',
    ready: false,
    blind: expect.arrayContaining([expect.objectContaining({ broker: '1', what: 'cpu' })]),
    error: { code: 'not-ready', message: expect.stringMatching(/^metrics of cluster orders are missing: /) },
  });
});

test('accepted missing metrics are not an error, and a cluster that cannot be verified is', async () => {
  const accepted = await ready(['--json', '--accept-blind']);
  expect(accepted.exitCode).toBe(0);
  expect(JSON.parse(accepted.stdout)).not.toHaveProperty('error');
  const loadTest = { window: 'always', maxTps: 500, maxNicShare: '50%', topicPrefix: 'plimsoll-', approver: 'Li Lei' };
  const refused = await ready(['--json', '--accept-blind'], { loadTest, clusterId: 'MkU3OEVBNTcwNTJENDM2Qg' });
  expect(refused.exitCode).toBe(2);
  expect(JSON.parse(refused.stdout)).toMatchObject({ ready: false, error: { code: 'wrong-cluster' } });
});

test('compares a configured cluster id even without a loadTest block', async () => {
  const { exitCode, stdout } = await ready(['--json', '--accept-blind'], { clusterId: 'MkU3OEVBNTcwNTJENDM2Qg' });
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ ready: false, error: { code: 'wrong-cluster' } });
});

test('a broker that holds replicas and is not in the cluster is named, and is an error', async () => {
  const cluster = { name: 'orders', kind: 'kafka' as const, brokers: [{ id: '1', address: '192.0.2.1:9092' }] };
  const held = { topic: 'paid', partition: 0, leader: '1', replicas: ['1', '2'], inSyncReplicas: ['1'] };
  const topics = [{ name: 'paid', internal: false, partitions: [held] }];
  vi.mocked(drivers.kafka.inspect).mockResolvedValue({
    describe: async () => cluster,
    snapshot: async () => ({ cluster, topics, offsets: [], groups: [], sections: [] }),
    async [Symbol.asyncDispose]() {},
  });
  const { exitCode, stdout, stderr } = await ready([]);
  expect([exitCode, stdout]).toEqual([
    5,
    expect.stringContaining('broker 2 holds replicas, but is not in the cluster'),
  ]);
  expect(stderr).toMatch(/rate of broker 2/);
});

test('without --json, the table comes before the error', async () => {
  const { exitCode, stdout, stderr } = await ready([]);
  expect(exitCode).toBe(5);
  expect(stdout).toContain('missing');
  expect(stderr).toMatch(/^error: metrics of cluster orders are missing/);
});
