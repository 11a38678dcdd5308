import { expect, test } from 'vitest';
import { sizeCluster } from '../../../../../analyzer/planning/sizing/size-cluster.ts';
import { about, domainOf, requestOf, surroundingsOf } from '../../../../support/sized.ts';

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
