import { expect, test } from 'vitest';
import { plannedCluster } from '../../../../../analyzer/planning/simulation/planned-cluster.ts';
import { simulateDay } from '../../../../../analyzer/planning/simulation/simulate-day.ts';
import { sizeCluster } from '../../../../../analyzer/planning/sizing/size-cluster.ts';
import { storedBytes } from '../../../../../analyzer/planning/sizing/stored-bytes.ts';
import {
  about,
  domainOf,
  measuredAs,
  policyWith,
  requestOf,
  shapes,
  surroundingsOf,
} from '../../../../support/sized.ts';

const gib = 2 ** 30;
const hour = 3600;
const kafka = { broker: 'kafka', mode: 'kraft', replicas: 3 } as const;
/** 3,000 messages of 1 KiB a second in 900 partitions, kept for 6 hours, with three copies. */
const kept = {
  load: { peakTps: 3000, usualTps: 3000, promotion: { multiplier: 1, days: 1 } },
  retentionSeconds: 6 * hour,
  diskBytes: 3 * 1024,
  partitions: 900,
};
const byRetention = 3000 * 3 * 1024 * 6 * hour;

test('each copy of a Kafka partition keeps a whole segment beyond its retention', () => {
  // A segment takes 3.6 days, so that it is full before it is closed.
  expect(storedBytes(kafka, kept, policyWith({}))).toBeCloseTo(byRetention + 3 * 900 * gib, -3);
  expect(storedBytes({ broker: 'rocketmq', mode: 'dledger', replicas: 3 }, kept, policyWith({}))).toBe(byRetention);
});

test('a segment that fills slowly is closed by its age, with the promotion among its days', () => {
  const slow = { ...kept, load: { peakTps: 600, usualTps: 300, promotion: { multiplier: 2, days: 1 } } };
  const day = 24 * hour;
  expect(storedBytes(kafka, slow, policyWith({})) / (3 * 1024)).toBeCloseTo(600 * 6 * hour + 300 * 8 * day, 3);
});

test('a plan has the disks for its segments, and for smaller ones where the file says so', () => {
  const one = about(1, 0);
  const domain = domainOf({
    demand: {
      peakTps: about(6000),
      averageTps: about(3000),
      messageBytes: about(1024),
      consumerGroups: 1,
      retentionSeconds: 6 * hour,
      growth: one,
      promotion: { multiplier: one, days: 1 },
      partitions: 900,
    },
    placement: { brokers: ['kafka'], clusters: { least: 1, most: 1 } },
  });
  const small = { ...shapes[1]!, diskBytes: 400e9 };
  const measurements = [
    measuredAs({ broker: 'kafka', mode: 'kraft', masters: 3, safeTps: about(150_000), saturationTps: 200_000 }),
  ];
  const plan = (policy: ReturnType<typeof policyWith>) => {
    const sized = sizeCluster(requestOf(domain), surroundingsOf({ shapes: [small], measurements, policy }), 'hosts');
    return sized.kind === 'planned' ? sized.clusters[0] : expect.fail('refused');
  };
  const disk = (of: ReturnType<typeof plan>) => of?.resources.find(({ resource }) => resource === 'disk-space');
  const usual = plan(policyWith({}));
  expect((disk(usual)?.atPeak ?? 0) * (usual?.masters ?? 0)).toBeGreaterThan(3 * 900 * gib);
  expect(disk(usual)?.atPeak).toBeLessThanOrEqual(disk(usual)?.safe ?? 0);
  expect(usual?.masters).toBeGreaterThan(9);
  const { masters } = plan(policyWith({ kafkaSegmentBytes: { value: gib / 64, source: 'the domains file' } })) ?? {};
  expect(masters).toBe(3);
});

test('each of several clusters has its part of the partitions, so that a simulated day has no more on its disks than planned', () => {
  const one = about(1, 0);
  const demand = {
    peakTps: about(6000),
    averageTps: about(6000),
    messageBytes: about(1024),
    consumerGroups: 1,
    retentionSeconds: 6 * hour,
    growth: one,
    promotion: { multiplier: one, days: 1 },
    partitions: 3000,
  };
  const placement = { brokers: ['kafka' as const], clusters: { least: 2, most: 2 } };
  const policy = policyWith({});
  const sized = sizeCluster(requestOf(domainOf({ demand, placement })), surroundingsOf({ policy }), 'hosts');
  const clusters = sized.kind === 'planned' ? sized.clusters : expect.fail('refused');
  expect(clusters.length).toBe(2);
  for (const cluster of clusters) {
    expect(cluster.domains[0]?.partitions).toBeGreaterThanOrEqual(1500);
    const choices = { world: 'mid', consumerSpeed: 1.5, isThrottled: true } as const;
    const { course } = simulateDay(plannedCluster(cluster, policy, choices), { outages: [], slow: [] });
    const planned = cluster.resources.find(({ resource }) => resource === 'disk-space')?.atPeak ?? 0;
    const simulated = (course.diskUsed[0] ?? Infinity) * cluster.shape.diskBytes;
    // All that is between them is the reserve for skew.
    expect(planned / simulated).toBeCloseTo(policy.skew.value, 6);
  }
});
