import { expect, test } from 'vitest';
import { plannedCluster } from '../../../../../analyzer/planning/simulation/planned-cluster.ts';
import { simulateDay } from '../../../../../analyzer/planning/simulation/simulate-day.ts';
import { sizeCluster } from '../../../../../analyzer/planning/sizing/size-cluster.ts';
import { messageVector } from '../../../../../analyzer/planning/sizing/message-vector.ts';
import { storedBytes } from '../../../../../analyzer/planning/sizing/stored-bytes.ts';
import type { SizingPolicy } from '../../../../../analyzer/planning/sizing/sizing-policy.ts';
import type { Demand, Shape } from '../../../../../core/documents/cluster-plan.ts';
import { about, domainOf, policyWith, requestOf, shapes, surroundingsOf } from '../../../../support/sized.ts';

const gib = 2 ** 30;
const hour = 3600;
const kafka = { broker: 'kafka', mode: 'kraft', replicas: 3 } as const;
/** 3,000 msg/s of 1 KiB in 900 partitions, kept for 6 hours, with three replicas. */
const kept = {
  load: { peakTps: 3000, usualTps: 3000, promotion: { multiplier: 1, days: 1 } },
  retentionSeconds: 6 * hour,
  diskBytes: 3 * 1024,
  partitions: 900,
};
const one = about(1, 0);
const demand = {
  peakTps: about(6000),
  averageTps: about(6000),
  messageBytes: about(1024),
  consumerGroups: 1,
  retentionSeconds: 6 * hour,
  growth: one,
  promotion: { multiplier: one, days: 1 },
};
const middle = shapes[1]!;
const byRetention = 3000 * 3 * 1024 * 6 * hour;

test('each replica of a Kafka partition keeps a whole segment beyond its retention', () => {
  // A segment covers 3.6 days, so it is full before it is closed by age.
  expect(storedBytes(kafka, kept, policyWith({}))).toBeCloseTo(byRetention + 3 * 900 * gib, -3);
  expect(storedBytes({ broker: 'rocketmq', mode: 'dledger', replicas: 3 }, kept, policyWith({}))).toBe(byRetention);
});

test('a segment that fills slowly is closed by age, and its days include the promotion', () => {
  const slow = { ...kept, load: { peakTps: 600, usualTps: 300, promotion: { multiplier: 2, days: 1 } } };
  const day = 24 * hour;
  expect(storedBytes(kafka, slow, policyWith({})) / (3 * 1024)).toBeCloseTo(600 * 6 * hour + 300 * 8 * day, 3);
});

interface Planned {
  demand: Partial<Demand>;
  shape?: Shape;
  clusters?: number;
  policy?: SizingPolicy;
}

/** Kafka clusters with the planned bytes on a disk, and the simulated bytes of each minute of a day. */
function planned({ demand: own, shape = middle, clusters: count = 1, policy = policyWith({}) }: Planned) {
  const placement = { brokers: ['kafka' as const], clusters: { least: count, most: count } };
  const request = requestOf(domainOf({ demand: { ...demand, ...own }, placement }));
  const sized = sizeCluster(request, surroundingsOf({ policy, shapes: [shape] }), 'hosts');
  if (sized.kind === 'refused') return expect.fail('refused');
  return sized.clusters.map((cluster) => {
    const choices = { world: 'mid', consumerSpeed: 1.5, isThrottled: true } as const;
    const { course } = simulateDay(plannedCluster(cluster, policy, choices), { outages: [], slow: [] });
    const disk = cluster.resources.find(({ resource }) => resource === 'disk-space') ?? expect.fail('no disk');
    const partitions = cluster.domains[0]?.partitions ?? 0;
    return { ...cluster, disk, partitions, simulated: course.diskUsed.map((share) => share * shape.diskBytes) };
  });
}

test('a plan has disk space for its segments, and for smaller segments if configured', () => {
  const parts = { demand: { averageTps: about(3000), partitions: 900 }, shape: { ...middle, diskBytes: 400e9 } };
  for (const { disk, masters } of planned(parts)) {
    expect(disk.atPeak * masters).toBeGreaterThan(3 * 900 * gib);
    expect(disk.atPeak).toBeLessThanOrEqual(disk.safe);
    expect(masters).toBeGreaterThan(9);
  }
  const policy = policyWith({ kafkaSegmentBytes: { value: gib / 64, source: 'the domains file' } });
  expect(planned({ ...parts, policy }).map(({ masters }) => masters)).toEqual([3]);
});

test.each([
  [3000, 2],
  [1, 1],
  [4, 1],
  [100, 1],
])(
  'of %d requested partitions on %d clusters, each partition that the plan creates keeps a segment',
  (requested, count) => {
    const clusters = planned({ demand: { partitions: requested }, clusters: count });
    expect(clusters.length).toBe(count);
    for (const { disk, partitions, masters, simulated } of clusters) {
      expect(partitions).toBeGreaterThanOrEqual(requested / count);
      expect(partitions % masters).toBe(0);
      // The only difference between the plan and a day is the reserve for skew.
      expect(disk.atPeak / (simulated[0] ?? 0)).toBeCloseTo(policyWith({}).skew.value, 6);
    }
  },
);

const slow = { peakTps: about(100, 0), averageTps: about(100, 0), messageBytes: about(1024, 0) };

test('more brokers are planned until each has room for a segment of a domain with one partition', () => {
  const { limits, skew } = policyWith({});
  const retained = 100 * 6 * hour * messageVector(kafka, { consumerGroups: 1 }, 1024).disk;
  // Disk space for a segment of three replicas and a sixth of the messages.
  const diskBytes = (1.000001 * skew.value * (3 * gib + retained / 6)) / limits['disk-space'].value;
  const [cluster] = planned({ demand: slow, shape: { ...middle, diskBytes } });
  expect(cluster?.masters).toBe(6);
  expect(cluster?.disk.atPeak).toBeLessThanOrEqual(cluster?.disk.safe ?? 0);
});

test('a simulated promotion stores no more than planned, even with segments older than the retention', () => {
  const promotion = { multiplier: about(3, 0), days: 1 };
  const [cluster] = planned({ demand: { ...slow, partitions: 900, promotion } });
  const fullest = Math.max(...(cluster?.simulated ?? []));
  expect(fullest).toBeLessThanOrEqual(cluster?.disk.atPeak ?? 0);
  expect(fullest).toBeGreaterThan(0.8 * (cluster?.disk.atPeak ?? Infinity));
});
