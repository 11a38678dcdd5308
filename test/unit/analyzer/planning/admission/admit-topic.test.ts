import { expect, test } from 'vitest';
import { admitTopic } from '../../../../../analyzer/planning/admission/admit-topic.ts';
import { TopicRequest } from '../../../../../analyzer/planning/admission/topic-request.ts';
import { DomainsFile } from '../../../../../analyzer/planning/domains/domains-file.ts';
import { domainsOf } from '../../../../../analyzer/planning/domains/domains-of.ts';
import { readDomainRules } from '../../../../../analyzer/planning/domains/rules.ts';
import { sizeDomains, surroundingsOf } from '../../../../../analyzer/planning/sizing/size-domains.ts';
import { sizingPolicy } from '../../../../../analyzer/planning/sizing/sizing-policy.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { readDomains } from '../../../../../app/planning/read-domains.ts';

const { signal } = new AbortController();
const reading = await readDomains('examples/domains.yaml', { policy: examplePolicy(), signal });
const plans = sizeDomains({ ...reading, seed: 'plimsoll', worlds: 32 });
const rules = readDomainRules();

/** A topic with messages like those of the orders in the example: 10% of their rate is 10% of their resources. */
const like = (over: Partial<Record<keyof TopicRequest, unknown>> = {}) =>
  TopicRequest.parse({
    topic: 'order-paid',
    domain: 'orders',
    peakTps: 1100,
    averageTps: 400,
    messageBytes: '500B',
    consumerGroups: 3,
    retention: '3d',
    partitions: 1,
    ...over,
  });

function admit(
  topic: TopicRequest,
  own: Parameters<typeof sizingPolicy>[1] = {},
  of = { file: reading.file, plans },
  readings = reading.readings,
) {
  const policy = sizingPolicy(examplePolicy(), own);
  const { domains } = domainsOf(of.file, rules, policy.clustersOfDomain.value);
  const domain = domains.find(({ name }) => name === topic.domain);
  if (domain === undefined) throw new Error(`no domain ${topic.domain}`);
  const { seed, count } = of.plans.worlds;
  const surroundings = surroundingsOf({ ...reading, readings, policy, seed, worlds: count });
  return admitTopic(topic, { plans: of.plans, domain, domains, surroundings, rules });
}

test('a topic with 10% of the traffic of its domain needs 10% more of each resource', () => {
  const { clusters } = admit(like());
  const grown = clusters[0]?.checks.filter(({ name }) => name !== 'partitions' && name !== 'brokers') ?? [];
  expect(grown.map(({ name }) => name)).toHaveLength(6);
  for (const { now, after } of grown) expect(after / now).toBeCloseTo(1.1, 9);
});

test('a topic that fits only without the reserve for uncertain figures is refused', () => {
  const brokersOf = (topic: TopicRequest) => {
    const { kind, cluster, clusters } = admit(topic);
    const { checks } = clusters[0] ?? expect.fail('no cluster');
    const over = checks.filter(({ after, limit }) => after > limit).map(({ name }) => name);
    return { kind, cluster, over, brokers: checks.find(({ name }) => name === 'brokers') };
  };
  const { masters = 0 } = plans.clusters.find(({ name }) => name === 'orders') ?? {};
  const small = brokersOf(like({ peakTps: 110, averageTps: 40 }));
  expect(small).toMatchObject({ kind: 'admitted', cluster: 'orders', over: [] });
  expect(small.brokers).toMatchObject({ now: masters, after: masters, limit: masters });
  const large = brokersOf(like());
  expect(large).toMatchObject({ kind: 'refused', over: ['brokers'] });
  // Sizing the domain with 10% more gives the same number.
  const { orders } = reading.file.domains;
  if (orders === undefined) expect.fail('no domain orders');
  const { peakTps, averageTps = expect.fail('no mean rate') } = orders.demand;
  const tenthMore = (rate: typeof peakTps) => ({
    ...rate,
    low: rate.low + 0.1 * rate.mid,
    mid: 1.1 * rate.mid,
    high: rate.high + 0.1 * rate.mid,
  });
  const demand = { ...orders.demand, peakTps: tenthMore(peakTps), averageTps: tenthMore(averageTps) };
  const file = { ...reading.file, domains: { ...reading.file.domains, orders: { ...orders, demand } } };
  const resized = sizeDomains({ ...reading, file, seed: 'plimsoll', worlds: 32 });
  expect(large.brokers?.after).toBe(resized.clusters.find(({ name }) => name === 'orders')?.masters);
});

test('without a measurement of the setup, or without a domain of the plan, no number of brokers is stated', () => {
  const numbers = (of: Parameters<typeof admit>[2], readings = reading.readings) =>
    admit(like(), {}, of, readings).clusters[0]?.checks.filter(({ name }) => name === 'brokers').length;
  expect(numbers({ file: reading.file, plans })).toBe(1);
  expect(numbers({ file: reading.file, plans }, [])).toBe(0);
});

test('with a globally ordered queue, a single broker must have room for a new topic', () => {
  const message = { messageBytes: '1KiB', consumerGroups: 2, messagesPerRequest: 100, retention: '6h' };
  const { domains } = DomainsFile.parse({
    domains: {
      journal: {
        demand: { ...message, peakTps: 20_000, averageTps: 2000, order: 'global' },
        placement: { brokers: ['kafka'], zones: 3 },
      },
    },
  });
  const file = { ...reading.file, domains };
  const of = { file, plans: sizeDomains({ ...reading, file, seed: 'plimsoll', worlds: 32 }) };
  expect(of.plans.clusters.map(({ broker, masters }) => [broker, masters])).toEqual([['kafka', 3]]);
  const admitted = (peakTps: number) =>
    admit(like({ ...message, domain: 'journal', peakTps, averageTps: peakTps / 10 }), {}, of);
  const rates = new Set(['network-in', 'network-out', 'disk-io', 'messages', 'memory']);
  const checks = admitted(2000).clusters[0]?.checks.filter(({ name }) => rates.has(name)) ?? [];
  expect(checks).toHaveLength(5);
  // Besides 10% more of everything, each replica of its partition has a segment, which a rebuild sends, too.
  for (const { now, after } of checks) expect(after / now).toBeCloseTo(1.1, 2);
  const room = 20_000 * Math.min(...checks.map(({ now, limit }) => limit / now - 1));
  expect([0.8, 1.5].map((part) => admitted(part * room).kind)).toEqual(['admitted', 'refused']);
  const beyond = (part: number) =>
    admitted(part * room).clusters[0]?.checks.flatMap(({ beyondQueue }) => beyondQueue ?? []);
  expect([beyond(0.8), beyond(1.5)]).toEqual([[], [true]]);
});

test('a topic with a longer retention also extends the retention of a long promotion, as sizing does', () => {
  const message = { messageBytes: '800B', consumerGroups: 2, peakTps: 3000, averageTps: 1000, retention: '3d' };
  const promotion = { multiplier: 2.5, days: 10 };
  const placement = { brokers: ['rocketmq'], modes: ['master-slave'], cluster: 'parcels' };
  const sized = (domains: object) => {
    const file = { ...reading.file, ...DomainsFile.parse({ domains }) };
    return { file, plans: sizeDomains({ ...reading, file, seed: 'plimsoll', worlds: 0 }) };
  };
  const diskOf = ({ plans: { clusters } }: ReturnType<typeof sized>) => {
    const [{ masters, resources } = expect.fail('no cluster')] = clusters;
    return masters * (resources.find(({ resource }) => resource === 'disk-space')?.afterLoss ?? Number.NaN);
  };
  const parcels = { demand: { ...message, promotion }, placement };
  const small = { ...message, peakTps: 20, averageTps: 8, retention: '7d' };
  const alone = sized({ parcels });
  const admitted = admit(like({ ...small, domain: 'parcels' }), {}, alone).clusters[0];
  const after = admitted?.checks.find(({ name }) => name === 'disk-space')?.after ?? Number.NaN;
  const both = sized({ parcels, labels: { demand: { ...small, promotion }, placement } });
  expect(((alone.plans.clusters[0]?.masters ?? 0) * after) / diskOf(both)).toBeCloseTo(1, 6);
});

test('a domain of an older plan that the file no longer contains counts without its promotion', () => {
  const message = { messageBytes: '800B', consumerGroups: 2, peakTps: 3000, averageTps: 1000, retention: '3d' };
  const demand = { ...message, promotion: { multiplier: 2.5, days: 10 } };
  const domain = { demand, placement: { brokers: ['rocketmq'], modes: ['master-slave'], cluster: 'parcels' } };
  const fileOf = (domains: object) => ({ ...reading.file, ...DomainsFile.parse({ domains }) });
  const file = fileOf({ parcels: domain, labels: domain });
  const older = sizeDomains({ ...reading, file, seed: 'plimsoll', worlds: 0 });
  const topic = like({ ...message, domain: 'labels', peakTps: 20, averageTps: 8, retention: '7d' });
  const [before, since] = [file, fileOf({ labels: domain })].map((of) => {
    const { checks = [] } = admit(topic, {}, { file: of, plans: older }).clusters[0] ?? {};
    const { now, after } = checks.find(({ name }) => name === 'disk-space') ?? expect.fail('no check of disks');
    return after - now;
  });
  // Of 1,000 msg/s, four more days: 2.5 times as many during a promotion. Plus seven days of the topic.
  const [usual, own] = [4 * 1000, 7 * 2.5 * 8];
  expect((since ?? 0) / (before ?? 0)).toBeCloseTo((3.5 * usual + own) / (5 * usual + own), 6);
});

test('the losses that the plan covers for a domain count, even if the file no longer contains the domain', () => {
  const demand = { messageBytes: '1KiB', consumerGroups: 2, peakTps: 20_000, averageTps: 2000, retention: '6h' };
  const placement = { brokers: ['kafka'], cluster: 'shared', survive: { brokers: 0, zones: 0 } };
  const labels = { demand, placement };
  const paid = { demand, placement: { ...placement, zones: 3, survive: { brokers: 1, zones: 1 } } };
  const fileOf = (domains: object) => ({ ...reading.file, ...DomainsFile.parse({ domains }) });
  const file = fileOf({ labels, paid });
  const older = sizeDomains({ ...reading, file, seed: 'plimsoll', worlds: 0 });
  const topic = like({ ...demand, domain: 'labels', peakTps: 100, averageTps: 10 });
  const [before, since] = [file, fileOf({ labels })].map(
    (of) => admit(topic, {}, { file: of, plans: older }).clusters[0]?.checks,
  );
  expect(before).toHaveLength(8);
  // The number of brokers is unknown without a domain of the plan.
  expect(since).toEqual(before?.filter(({ name }) => name !== 'brokers'));
});

test('brokers may be saturated during an election, which leaves that much room for a topic', () => {
  const message = { messageBytes: '500B', consumerGroups: 1, retention: '6h' };
  const { domains } = DomainsFile.parse({
    domains: {
      parcels: {
        demand: { ...message, peakTps: 48_000, averageTps: 5000 },
        placement: { brokers: ['rocketmq'], modes: ['dledger'], zones: 3, survives: 'zone' },
      },
    },
  });
  const file = { ...reading.file, domains };
  const shapes = reading.shapes.filter(({ name }) => name === '24c48g');
  const of = { file, plans: sizeDomains({ ...reading, shapes, file, seed: 'plimsoll', worlds: 32 }) };
  const [plan = expect.fail('no plan')] = of.plans.clusters;
  const { masters, resources } = plan;
  const found = resources.find(({ resource }) => resource === 'network-out') ?? expect.fail('no network-out');
  const { atPeak, afterLoss, safe, full } = found;
  const duringElection = (atPeak * masters) / (masters - Math.ceil(masters / 3));
  expect([afterLoss < safe, duringElection > safe, duringElection < full]).toEqual([true, true, true]);
  const admitted = (peakTps: number) =>
    admit(like({ ...message, domain: 'parcels', peakTps, averageTps: peakTps / 10 }), {}, of);
  const isOver = (peakTps: number) =>
    admitted(peakTps).clusters[0]?.checks.some(({ name, after, limit }) => name === 'network-out' && after > limit);
  const { kind, clusters } = admitted(1);
  expect(kind).toBe('admitted');
  const check = clusters[0]?.checks.find(({ name }) => name === 'network-out');
  expect(check).toMatchObject({ now: expect.closeTo(duringElection, 3) as number, limit: full });
  const room = 48_000 * (full / duringElection - 1);
  expect([0.95, 1.05].map((part) => isOver(part * room))).toEqual([false, true]);
});

test('stored bytes of a topic count in the rebuild of a lost broker, whatever its peak rate', () => {
  const more = (resource: string, retention: string) => {
    const logs = { domain: 'logs', peakTps: 5000, averageTps: 5000, messageBytes: '1kB', retention };
    const check = admit(like(logs)).clusters[0]?.checks.find(({ name }) => name === resource);
    return check === undefined ? expect.fail(`no check of ${resource}`) : check.after - check.now;
  };
  const longer = (resource: string) => more(resource, '7d') - more(resource, '1h');
  const { masters = 0 } = plans.clusters.find(({ name }) => name === 'logs-1') ?? {};
  const refill = (longer('disk-space') * masters) / examplePolicy().planning.rebuildSeconds.value;
  expect(longer('network-in') / (refill / (masters - 1))).toBeCloseTo(1, 6);
});

test('each replica of a Kafka partition needs disk space for a segment', () => {
  const diskOf = (partitions: number) => {
    const logs = { domain: 'logs', peakTps: 5000, averageTps: 5000, messageBytes: '1kB', retention: '6h', partitions };
    const check = admit(like(logs)).clusters[0]?.checks.find(({ name }) => name === 'disk-space');
    return check === undefined ? expect.fail('no check of disk space') : check.after - check.now;
  };
  const { masters = 0, replicas = 0 } = plans.clusters.find(({ name }) => name === 'logs-1') ?? {};
  expect(diskOf(101) - diskOf(1)).toBeCloseTo((1.1 * 100 * replicas * 2 ** 30) / masters, -1);
});

test('RocketMQ keeps all topics of a broker for the longest retention of any of them', () => {
  const diskOf = (retention: string) => {
    const check = admit(like({ retention })).clusters[0]?.checks.find(({ name }) => name === 'disk-space');
    return check === undefined ? expect.fail('no check of disk space') : check.after / check.now;
  };
  expect(diskOf('1h')).toBeCloseTo(1.1, 9);
  // Without the promotion days: twice the usual messages are more than half of the messages stored now.
  expect(diskOf('6d')).toBeGreaterThan(1.3);
});

test('a message with more consumer groups or bytes than in the plan counts as several messages', () => {
  const messagesOf = (over: Parameters<typeof like>[0]) => {
    const check = admit(like(over)).clusters[0]?.checks.find(({ name }) => name === 'messages');
    return check === undefined ? expect.fail('no check of messages') : check.after - check.now;
  };
  // The orders have three consumer groups.
  expect(messagesOf({ consumerGroups: 19 }) / messagesOf({})).toBeCloseTo(5, 9);
  expect(messagesOf({ messageBytes: '20kB' }) / messagesOf({})).toBeGreaterThan(10);
  expect(messagesOf({ consumerGroups: 1, messageBytes: '100B' })).toBeCloseTo(messagesOf({}), 6);
});

test('a topic that fits no cluster is refused with each exceeded limit', () => {
  const { kind, reason, clusters } = admit(like({ peakTps: 110_000 }));
  expect([kind, reason]).toEqual(['refused', 'no cluster of its domain has room for it']);
  const over = clusters[0]?.checks.filter(({ after, limit }) => after > limit).map(({ name }) => name);
  expect(over).toEqual(expect.arrayContaining(['network-out', 'messages']));
});

test('a higher rate is never admitted if a lower rate was refused', () => {
  const kinds = [1, 10, 100, 1000, 10_000, 30_000, 100_000, 1_000_000].map(
    (peakTps) => admit(like({ peakTps, averageTps: peakTps / 4 })).kind,
  );
  expect(kinds.toSorted()).toEqual(kinds);
  expect(new Set(kinds)).toEqual(new Set(['admitted', 'refused']));
});

test('the daily share of the maximum is checked only if the domains file configures it', () => {
  expect(admit(like()).clusters[0]?.checks.map(({ name }) => name)).not.toContain('daily-share');
  const { kind, clusters } = admit(like(), { dailyShare: 0.05 as never });
  const check = clusters[0]?.checks.find(({ name }) => name === 'daily-share');
  expect(kind).toBe('refused');
  expect(check?.after).toBeCloseTo((1.3 * (11_000 + 1100)) / (plans.clusters[0]?.promise.saturationTps ?? 0), 9);
  expect(check?.source).toBe(rules.dailyShare.source);
});

test('the daily share counts costly messages as several, and a domain that only the plan contains without its promotion', () => {
  const checkOf = (topic: TopicRequest, of: Parameters<typeof admit>[2]) => {
    const { checks = [] } = admit(topic, { dailyShare: 0.3 as never }, of).clusters[0] ?? {};
    return checks.find(({ name }) => name === 'daily-share') ?? expect.fail('no check of the daily share');
  };
  const promotion = { multiplier: 4, days: 2 };
  const demand = {
    peakTps: 3000,
    averageTps: 1000,
    growth: 1.3,
    promotion,
    messageBytes: '500B',
    consumerGroups: 3,
    retention: '3d',
  };
  const domain = { demand, placement: { brokers: ['rocketmq'], cluster: 'shared' } };
  const fileOf = (domains: object) => ({ ...reading.file, ...DomainsFile.parse({ domains }) });
  const file = fileOf({ orders: domain, refunds: domain });
  const older = sizeDomains({ ...reading, file, seed: 'plimsoll', worlds: 0 });
  const of = { file, plans: older };
  const [own, costly] = [like(), like({ consumerGroups: 19 })].map((topic) => checkOf(topic, of));
  expect((costly!.after - costly!.now) / (own!.after - own!.now)).toBeCloseTo(5, 9);
  const withoutRefunds = checkOf(like(), { file: fileOf({ orders: domain }), plans: older });
  expect([withoutRefunds.now / own!.now, withoutRefunds.after / own!.after]).toEqual([
    expect.closeTo(1, 9),
    expect.closeTo(1, 9),
  ]);
});

test('a configured maximum rate per cluster refuses a topic that exceeds it', () => {
  const peak = plans.clusters[0]?.promise.peakTps.mid ?? 0;
  const small = like({ peakTps: 110, averageTps: 40 });
  expect(admit(small, { clusterTps: peak + 1 }).kind).toBe('refused');
  expect(admit(small, { clusterTps: 2 * peak }).kind).toBe('admitted');
});

test('of several clusters, the cluster with the most room admits the topic', () => {
  const { clusters, cluster } = admit(like({ domain: 'logs', messagesPerRequest: 200, retention: '1d' }));
  expect(clusters.length).toBeGreaterThan(1);
  const room = clusters.map(({ checks }) => Math.max(...checks.map(({ after, limit }) => after / limit)));
  expect(cluster).toBe(clusters[room.indexOf(Math.min(...room))]?.cluster);
});
