import { expect, test } from 'vitest';
import { DomainsFile } from '../../../../analyzer/planning/domains/domains-file.ts';
import { fromStated } from '../../../../analyzer/planning/sizing/measured.ts';
import { sizeDomains } from '../../../../analyzer/planning/sizing/size-domains.ts';
import { proposedClusters } from '../../../../app/planning/proposed-clusters.ts';
import { policyWith, shapes } from '../../../support/sized.ts';

const policy = policyWith({});
const stated = { safeTps: 100_000, saturationTps: 150_000, limitedBy: 'cpu', source: 'a load test' };
const kafka = { broker: 'kafka', mode: 'kraft', shape: 'middle', replicas: 3 };

function proposedOf(domains: Record<string, object>) {
  const file = DomainsFile.parse({
    measurements: [{ ...kafka, messageBytes: '1KiB', stated }],
    domains,
  });
  const readings = file.measurements.map((section) => ({ section, reading: fromStated(section, policy) }));
  const plans = sizeDomains({ file, policy, shapes: [shapes[1]!], readings, seed: 'test', worlds: 16 });
  return proposedClusters(plans, policy);
}

const logs = {
  demand: { peakTps: 30_000, averageTps: 9000, messageBytes: '1KiB', retention: '1d', partitions: 90 },
  placement: { brokers: ['kafka'] },
  proposed: { ...kafka, masters: 5 },
};

test('one proposed cluster combines the load that the plan splits over several clusters', () => {
  const placement = { ...logs.placement, clusters: { least: 3, most: 3 } };
  const [cluster] = proposedOf({ logs: { ...logs, placement } });
  const [domain] = cluster?.domains ?? [];
  const average = expect.closeTo(9000, 6);
  expect(domain).toMatchObject({ share: 1, averageTps: average, usualTps: average, promotionDayTps: average });
  expect(domain?.partitions).toBeGreaterThanOrEqual(90);
});

test('a proposed cluster contains only its own domain, not others of the planned shared cluster', () => {
  const { proposed: _, ...other } = logs;
  const placement = { ...logs.placement, cluster: 'shared' };
  const [cluster, more] = proposedOf({ logs: { ...logs, placement }, other: { ...other, placement } });
  expect(more).toBeUndefined();
  expect(cluster?.domains.map(({ name }) => name)).toEqual(['logs']);
});
