import { expect, test } from 'vitest';
import { ClusterConfig } from '../../../../brokers/config.ts';
import { HostsConfig } from '../../../../hosts/config.ts';
import { searchStart } from '../../../../app/load-test/search-start.ts';
import type { ConfiguredQuota } from '../../../../core/documents/evidence/configured-limits.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { createPlan } from '../../../../loadgen/plan/plan.ts';
import { completeWorkload, WorkloadFile } from '../../../../loadgen/plan/workload.ts';

const plan = createPlan({
  id: 'r1',
  cluster: { name: 'lab', broker: 'kafka', config: {} },
  workload: completeWorkload(
    WorkloadFile.parse({ messageSize: '1000B', groups: 2, profile: { kind: 'find-safe' } }),
    {},
  ),
  keepTopic: false,
  policy: examplePolicy(),
});
const config = { clusters: { lab: ClusterConfig.parse({ broker: 'kafka', bootstrap: ['b:9092'] }) }, hosts: {} };
const quota = (kind: ConfiguredQuota['kind'], value: number): ConfiguredQuota => ({
  kind,
  value,
  entity: 'client-id=<default>',
  shares: 1,
});
const startWith = (...quotas: ConfiguredQuota[]) => searchStart(plan, config, quotas);

test('a search starts below a client quota, explains why, and is not bounded by the quota', () => {
  const start = startWith(quota('produce-quota', 4e6));
  expect(start?.expected).toBeLessThanOrEqual(4000);
  expect(start?.expected).toBeGreaterThan(3500);
  expect(start?.explanation[0]).toContain('client quota 4 MB/s per broker (client-id=<default>)');
  expect(start?.options.highest).toBeUndefined();
});

test('hosts found by broker addresses count like configured ones, and followers receive no messages', () => {
  const hosts = HostsConfig.parse({
    'k-1': { probe: 'local', network: { procfs: '/proc/net', speed: '10mbit', speedSource: 'tc' } },
  });
  const known = searchStart(plan, { ...config, hosts }, [], { '1': { host: 'k-1' }, '2': { host: 'k-1' } });
  expect(known?.expected).toBeLessThan(startWith()?.expected ?? 0);
  expect(searchStart(plan, { ...config, hosts })).toEqual(startWith());
});

test('each group counts towards a fetch quota, and a request quota does not affect the rate', () => {
  expect(startWith(quota('fetch-quota', 4e6))?.expected).toBeLessThanOrEqual(2000);
  expect(startWith(quota('request-quota', 1))).toEqual(startWith());
});
