import { expect, test } from 'vitest';
import { DomainsFile } from '../../../../../analyzer/planning/domains/domains-file.ts';
import { plannedCluster } from '../../../../../analyzer/planning/simulation/planned-cluster.ts';
import { simulateDay } from '../../../../../analyzer/planning/simulation/simulate-day.ts';
import { sizeDomains } from '../../../../../analyzer/planning/sizing/size-domains.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { readDomains } from '../../../../../app/planning/read-domains.ts';
import { linkCeilings } from '../../../../../core/wire/ethernet.ts';
import { plannedCluster as plan } from '../../../../support/cluster-plan.ts';

const { signal } = new AbortController();
const reading = await readDomains('examples/domains.yaml', { policy: examplePolicy(), signal });
const { policy } = reading;
const choices = { world: 'mid', consumerSpeed: 1.5, isThrottled: true } as const;

test('at the peak of a normal day a host has the load of its plan, without the reserve for skew', () => {
  const { clusters } = sizeDomains({ ...reading, seed: 'plimsoll', worlds: 32 });
  expect(clusters.length).toBeGreaterThan(5);
  for (const each of clusters) {
    const { course } = simulateDay(plannedCluster(each, policy, choices), { outages: [], slow: [] });
    const card = linkCeilings(each.shape.networkBitsPerSecond).counter;
    const planned = (resource: string) => each.resources.find((one) => one.resource === resource)?.atPeak ?? 0;
    const out = (Math.max(...course.networkOut) * card * policy.skew.value) / planned('network-out');
    expect(out).toBeCloseTo(1, 9);
    // The plan is for masters. A slave may receive more than its master: a delayed message is stored twice.
    const taken = (Math.max(...course.networkIn) * card * policy.skew.value) / planned('network-in');
    expect(taken).toBeGreaterThan(1 - 1e-9);
    if (each.broker === 'kafka') expect(taken).toBeCloseTo(1, 9);
  }
});

test('rejects a domain with global order, since its queue is on one broker', () => {
  const demand = { peakTps: 2000, messageBytes: '1KiB', retention: '6h', order: 'global' };
  const placement = { brokers: ['rocketmq'], modes: ['dledger'], zones: 3 };
  const { domains } = DomainsFile.parse({ domains: { journal: { demand, placement } } });
  const file = { ...reading.file, domains };
  const [journal = expect.fail('no plan')] = sizeDomains({ ...reading, file, seed: 'plimsoll', worlds: 32 }).clusters;
  expect(() => plannedCluster(journal, policy, choices)).toThrow(/cluster journal has a domain of global order/);
});

const exact = <Value>(value: Value) => ({ low: value, mid: value, high: value });

test.each([
  ['disks decide the number of brokers', 'disk-space', { averageTps: exact(100_000), retention: '2d' }, {}],
  [
    'cards saturate before cores',
    'messages',
    { averageTps: exact(20_000), retention: '6h' },
    { networkBitsPerSecond: 1.4e9 },
  ],
] as const)(
  'where %s, the remaining brokers are still limited by their cores after an outage',
  (_, limitedBy, demand, card) => {
    const { domains } = DomainsFile.parse({
      domains: {
        parcels: {
          demand: { ...demand, peakTps: exact(430_000), messageBytes: exact('500B') },
          placement: { zones: 2, survives: 'none', brokers: ['rocketmq'], modes: ['master-slave'] },
        },
      },
    });
    const shapes = reading.shapes.filter(({ name }) => name === '24c48g-10g').map((shape) => ({ ...shape, ...card }));
    const file = { ...reading.file, domains };
    const { clusters } = sizeDomains({ ...reading, shapes, file, seed: 'plimsoll', worlds: 64 });
    const [parcels = expect.fail('no plan')] = clusters;
    expect(parcels.promise.limitedBy).toBe(limitedBy);
    const { full = Number.NaN } = parcels.resources.find(({ resource }) => resource === 'messages') ?? {};
    const cluster = plannedCluster(parcels, policy, choices);
    const machines = cluster.machines.flatMap(({ zone }, machine) => (zone === 'zone-1' ? [machine] : []));
    const outages = machines.map((machine) => ({ machine, from: 72_000, until: 73_800, isOrderly: false }));
    const { course } = simulateDay(cluster, { outages, slow: [] });
    const masters = cluster.sets.filter(({ copies }) => !machines.includes(copies[0] ?? -1)).length;
    const left = masters * (full / policy.skew.value);
    expect(left).toBeLessThan(430_000);
    expect(course.accepted[1210]).toBeCloseTo(left, -1);
    expect(course.failed.at(-1)).toBeGreaterThan(0.9 * 1800 * (430_000 - left));
  },
);

test('a Kafka broker leads its own set of partitions, with replicas in other zones', () => {
  const { sets, machines, failover } = plannedCluster(plan({ broker: 'kafka' }), policy, choices);
  expect([sets.length, failover]).toEqual([6, 'spread']);
  for (const { copies } of sets) {
    expect(new Set(copies.map((machine) => machines[machine]?.zone)).size).toBe(3);
  }
});

test.each([
  ['dledger', 'within', 2],
  ['controller', 'within', 2],
  ['master-slave', 'none', 1],
] as const)('a group in mode %s has failover %s, with %d replicas at least', (mode, failover, least) => {
  const cluster = plannedCluster(plan({ mode }), policy, choices);
  expect([cluster.sets.length, cluster.failover, cluster.leastCopies]).toEqual([2, failover, least]);
  expect(cluster.sets[1]?.copies[0]).toBe(cluster.sets[0]?.copies.length);
});

test('Kafka with four replicas accepts messages after the loss of two brokers, as planned', () => {
  const least = (replicas: number, loss: 'may-lose' | 'acknowledged') => {
    const { domains, ...rest } = plan({ broker: 'kafka', replicas });
    return plannedCluster({ ...rest, domains: domains.map((each) => ({ ...each, loss })) }, policy, choices)
      .leastCopies;
  };
  expect([1, 2, 3, 4, 5].map((replicas) => least(replicas, 'acknowledged'))).toEqual([1, 1, 2, 2, 2]);
  expect(least(4, 'may-lose')).toBe(1);
});

function dayOf(over: Partial<ReturnType<typeof plan>['domains'][number]>) {
  const { domains, ...rest } = plan();
  const changed = { ...rest, domains: domains.map((each) => ({ ...each, ...over })) };
  const [stream] = plannedCluster(changed, policy, choices).streams;
  const rates = stream?.rates ?? new Float64Array();
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  return { mean, peak: Math.max(...rates), before: stream?.averageTps };
}

test('the mean of a day without a day curve is that of the promotion day', () => {
  const peak = 10_000;
  expect(dayOf({})).toEqual({ mean: expect.closeTo(4000, 3), peak, before: 4000 });
  // Usually 3,000, and twice as much on one day of three.
  const threeDays = { retentionSeconds: 3 * 86_400, usualTps: 3000, promotionDayTps: 6000 };
  expect(dayOf(threeDays)).toEqual({ mean: expect.closeTo(6000, 3), peak, before: expect.closeTo(3000, 6) });
});

test('the highest hour of the day curve of a domain is the planned peak', () => {
  const dayCurve = Array.from({ length: 24 }, (_, hour) => (hour === 20 ? 0.8 : 0.4));
  const { mean, peak } = dayOf({ dayCurve });
  expect(peak).toBe(10_000);
  expect(mean).toBeGreaterThan(5000);
});

test('a Kafka disk stores a whole segment per replica beyond the retention, a RocketMQ disk does not', () => {
  const average = new Float64Array(1440).fill(0.4);
  const beyond = (broker: 'kafka' | 'rocketmq') => {
    const planned = plan({ broker });
    const cluster = plannedCluster(planned, policy, { ...choices, curve: average });
    const [first] = cluster.streams;
    const { course } = simulateDay(cluster, { outages: [], slow: [] });
    const stored = (course.diskUsed[0] ?? 0) * planned.shape.diskBytes * planned.brokers.length;
    return stored / planned.replicas - 4000 * 86_400 * (first?.cost.diskBytes ?? 0);
  };
  expect(beyond('kafka') / (12 * 2 ** 30)).toBeCloseTo(1, 6);
  expect(beyond('rocketmq')).toBeCloseTo(0, 0);
});
