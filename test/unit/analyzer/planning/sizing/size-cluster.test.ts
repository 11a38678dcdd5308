import { expect, test } from 'vitest';
import { sizeCluster } from '../../../../../analyzer/planning/sizing/size-cluster.ts';
import { messageVector } from '../../../../../analyzer/planning/sizing/message-vector.ts';
import { about, domainOf, measuredAs, requestOf, shapes, surroundingsOf } from '../../../../support/sized.ts';

test.each([0, 1])('Kafka in three zones has the same number of brokers in each, surviving %d zones', (zones) => {
  const numbers = [20_000, 40_000, 60_000, 80_000, 120_000].map((peak) => {
    const placement = { brokers: ['kafka' as const], survive: { brokers: 1, zones, group: false } };
    const sized = sizeCluster(
      requestOf(domainOf({ demand: { peakTps: about(peak) }, placement })),
      surroundingsOf(),
      'hosts',
    );
    const brokers = sized.kind === 'planned' ? (sized.clusters[0]?.brokers ?? []) : expect.fail('refused');
    const perZone = [...Map.groupBy(brokers, ({ zone }) => zone).values()].map(({ length }) => length);
    expect(new Set(perZone).size).toBe(1);
    expect(perZone.length).toBe(3);
    return brokers.length;
  });
  expect(Math.max(...numbers)).toBeGreaterThan(Math.min(...numbers));
});

test('the average rate of each domain of a shared cluster includes its promotion', () => {
  const demand = {
    averageTps: about(1000, 0),
    growth: about(1, 0),
    promotion: { multiplier: about(3, 0), days: 1 },
    retentionSeconds: 2 * 86_400,
  };
  const sized = sizeCluster(
    requestOf(domainOf({ name: 'one', demand }), domainOf({ name: 'two', demand })),
    surroundingsOf(),
    'hosts',
  );
  const [cluster] = sized.kind === 'planned' ? sized.clusters : expect.fail('refused');
  const averages = {
    averageTps: expect.closeTo(2000, 6),
    usualTps: 1000,
    promotionDayTps: expect.closeTo(3000, 6),
  };
  expect(cluster?.domains).toMatchObject([averages, averages]);
});

test.each([10_000, 100_000, 300_000])(
  'a returned broker can fetch what it missed at %d msg/s within the policy',
  (peakTps) => {
    const demand = {
      peakTps: about(peakTps, 0),
      averageTps: about(peakTps / 5, 0),
      messageBytes: about(1000, 0),
      consumerGroups: 1,
      growth: about(1, 0),
      promotion: { multiplier: about(1, 0), days: 1 },
      // A rebuild of these messages in 12 hours is slow.
      retentionSeconds: 7200,
    };
    const placement = { brokers: ['kafka' as const], zones: 1, survive: { brokers: 1, zones: 0, group: false } };
    const [shape] = shapes.map((each) => ({ ...each, cores: 48, networkBitsPerSecond: 1e9 }));
    const fast = measuredAs({
      broker: 'kafka',
      mode: 'kraft',
      shape: 'small',
      safeTps: about(1e6, 0),
      saturationTps: 2e6,
    });
    const given = surroundingsOf({ count: 0, shapes: [shape!], measurements: [fast] });
    const sized = sizeCluster(requestOf(domainOf({ demand, placement })), given, 'hosts');
    const [plan] = sized.kind === 'planned' ? sized.clusters : expect.fail('refused');
    const { safe = 0 } = plan?.resources.find(({ resource }) => resource === 'network-in') ?? {};
    // Three copies of each message with the overhead of a full batch; a third more than usual in each second of the catch-up.
    const copied = messageVector({ broker: 'kafka', mode: 'kraft', replicas: 3 }, { consumerGroups: 1 }, 1000).disk;
    const fetched = (4 / 3) * peakTps * 1.1 * copied;
    expect(plan?.masters).toBeGreaterThanOrEqual(fetched / safe);
    expect(plan?.masters).toBeLessThanOrEqual(fetched / safe + 3);
    // At a higher rate the broker misses more.
    const carried = (plan?.promise.afterLossTps.mid ?? 0) / peakTps;
    expect(carried * fetched).toBeLessThanOrEqual(safe * ((plan?.masters ?? 0) - 1));
  },
);

test('a shared RocketMQ cluster keeps all domains for the longest retention, Kafka each for its own retention', () => {
  const diskOf = (broker: 'kafka' | 'rocketmq', days: readonly [number, number]) => {
    const domains = days.map((each, index) =>
      domainOf({
        name: `domain-${index}`,
        demand: { retentionSeconds: each * 86_400 },
        placement: { brokers: [broker], cluster: 'shared' },
      }),
    );
    const sized = sizeCluster(requestOf(...domains), surroundingsOf(), 'hosts');
    const [plan] = sized.kind === 'planned' ? sized.clusters : expect.fail('refused');
    const disk = plan?.resources.find(({ resource }) => resource === 'disk-space');
    const brokers = plan?.masters ?? Number.NaN;
    return { bytes: (disk?.atPeak ?? Number.NaN) * brokers, kept: plan?.domains.map((each) => each.retentionSeconds) };
  };
  expect(diskOf('rocketmq', [1, 3])).toEqual(diskOf('rocketmq', [3, 3]));
  expect(diskOf('kafka', [1, 3]).bytes).toBeLessThan(0.9 * diskOf('kafka', [3, 3]).bytes);
  expect(diskOf('kafka', [1, 3]).kept).toEqual([86_400, 3 * 86_400]);
});
