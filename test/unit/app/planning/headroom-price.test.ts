import { expect, test } from 'vitest';
import { lossWithGroups, withGroups } from '../../../../analyzer/verdict/limits/consumer-groups/ceiling.ts';
import { headroomPriceFor } from '../../../../app/planning/headroom-price.ts';
import { worstLoss } from '../../../../app/planning/windows.ts';
import type { Analysis } from '../../../../core/documents/analysis.ts';
import type { HeadroomPrice } from '../../../../core/documents/headroom-price.ts';
import { localText } from '../../../../core/local-moment.ts';
import { mean } from '../../../../core/statistics/statistics.ts';
import { headroomLines } from '../../../../core/text/headroom-text.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import {
  brokersInPairs,
  evenBrokers,
  evenMasters,
  forecastWithin,
  headroomOf,
  oneGroup,
  saleOn,
  threeBrokers,
  unevenMasters,
  withUnknownLoss,
  withoutCatchUp,
} from '../../../support/known-evidence.ts';
import { readAnalysis } from '../../../support/analyses.ts';

const prices = { currency: 'CNY', brokers: { orders: 800 } };
const six = evenBrokers(6);
const ofOneBroker: Analysis = { ...six, perBroker: six.perBroker.slice(0, 1), withoutOne: [] };
const afterLossOf = (analysis: Analysis) => worstLoss(analysis, 'broker')?.tps ?? expect.fail('no loss');
const known = <Part extends { kind: string }>(part: Part): Extract<Part, { kind: 'known' }> =>
  part.kind === 'known' ? (part as Extract<Part, { kind: 'known' }>) : expect.fail(JSON.stringify(part));

test('the forecast peak and the reserves add up to the cost of all brokers', () => {
  const { price, brokers, reserves } = headroomOf(six, 2, prices);
  expect([brokers, price]).toEqual([6, { perBroker: 800, currency: 'CNY', perMonth: 4800 }]);
  const { baseCost = 0, entries, product, peakTps, saturationTps } = known(reserves);
  expect(entries.reduce((sum, { cost = 0 }) => sum + cost, baseCost)).toBeCloseTo(4800, 6);
  expect(entries.reduce((all, { factor }) => all * factor, peakTps)).toBeCloseTo(saturationTps, 6);
  expect(baseCost).toBeCloseTo(4800 / product, 6);
  // Steps without noise have no interval.
  expect(entries.map(({ reserve }) => reserve)).toEqual(['forecast', 'spare', 'loss', 'policy']);
});

test('in the hour of the forecast peak, reserves still refer to that peak', () => {
  const { peak } = forecastWithin(six, 2);
  const { reserves } = headroomOf(six, 2, prices, [], Date.parse(peak.at) + 20 * 60_000);
  // Like in `plimsoll advise evidence`, this is the peak of the whole forecast.
  expect(known(reserves).peakTps).toBe(peak.tps);
});

test('missing capacity after the loss of a broker is a spare reserve below 1, and nothing can be removed', () => {
  const { reserves, removable } = headroomOf(six, 0.8, prices);
  const spare = known(reserves).entries.find(({ reserve }) => reserve === 'spare');
  expect(spare?.factor).toBeCloseTo(0.8, 2);
  expect(spare?.cost).toBeLessThan(0);
  expect(removable).toMatchObject({ kind: 'known', brokers: 0, savedCost: 0 });
});

test('removes brokers while the rest carries the peak after one more loss, down to the replication factor', () => {
  const removed = [1.05, 1.3, 1.8, 9].map((share) => known(headroomOf(six, share, prices).removable));
  expect(removed.map(({ brokers }) => brokers)).toEqual([0, 1, 2, 3]);
  expect(removed.map(({ savedCost }) => savedCost)).toEqual([0, 800, 1600, 2400]);
  for (const { afterLossTps, neededTps } of removed) expect(afterLossTps).toBeGreaterThanOrEqual(neededTps);
});

test('the remaining brokers carry the peak of the whole forecast, which exceeds that of each hour', () => {
  const nowMs = Date.UTC(2026, 10, 10);
  const at = (hours: number) => new Date(nowMs + hours * 3_600_000).toISOString();
  const banded = (tps: number) => ({ tps, low: 0.99 * tps, high: 1.01 * tps });
  const left = afterLossOf(six);
  const points = Array.from({ length: 168 }, (_, hours) => ({ at: at(hours), ...banded(left / 1.8) }));
  const peak = { ...banded(left / 1.3), at: at(20), confidence: 0.8 };
  const forecast = { horizonEndsAt: at(168), peak, points, chosen: 'holt-winters' };
  const inputs = { cluster: 'orders', broker: 'kafka', analysis: six, forecast, prices, nowMs, risk: 0.05 } as const;
  const policy = examplePolicy();
  const removable = known(headroomPriceFor({ ...inputs, policy, promotions: [] }).removable);
  expect(removable.brokers).toBe(1);
  expect(removable.afterLossTps).toBeGreaterThanOrEqual(removable.neededTps);
});

test('the remaining disks hold the busiest retention time, not only the mean of the forecast', () => {
  const loads = forecastWithin(six, 9).points.map(({ tps }) => tps);
  const days = loads.slice(23).map((_, hour) => mean(loads.slice(hour, hour + 24)));
  const removedWith = (tps: number) => {
    const retention = { tps, retentionSeconds: 86_400, limitedBy: { resource: 'disk-space', node: '1' } } as const;
    return known(headroomOf({ ...six, retention }, 9).removable).brokers;
  };
  // Half of the disks hold the mean of a week, but not a weekday.
  expect([mean(loads), Math.max(...days)].map((tps) => removedWith(2.001 * tps))).toEqual([2, 3]);
});

test.each([5, 4])(
  'the prediction for %i brokers is at most, and close to, the result of a test with that many',
  (left) => {
    const share = left === 5 ? 1.3 : 1.8;
    const { afterLossTps, brokers } = known(headroomOf(six, share).removable);
    expect(brokers).toBe(6 - left);
    const found = afterLossOf(evenBrokers(left));
    expect(afterLossTps / found).toBeLessThan(1.02);
    expect(afterLossTps / found).toBeGreaterThan(0.85);
  },
);

test('removes no broker if the interval of the safe maximum reaches below the peak', () => {
  const withoutOne = six.withoutOne?.map(({ returning: back, estimateTps = 0, ...down }) => {
    const tps = 0.8 * estimateTps;
    const interval = { low: tps, high: 1.2 * estimateTps, confidence: 0.95 };
    return { ...down, tps, estimateTps, interval, ...(back && { returning: { ...back, tps, estimateTps, interval } }) };
  });
  const removedAt = (share: number) => known(headroomOf({ ...six, withoutOne }, share, prices).removable).brokers;
  // Four fifths of the lower end remain.
  expect([1.22, 1.26].map(removedAt)).toEqual([0, 1]);
});

test('removes no broker if the rest carries the peak without one more, but not while that one catches up', () => {
  const down = Math.min(...(six.withoutOne ?? []).map(({ tps }) => tps));
  const caughtUp = afterLossOf(six);
  expect(caughtUp / down).toBeCloseTo(0.75, 2);
  const { reserves, removable } = headroomOf(six, (1.3 * caughtUp) / down, prices);
  expect(known(removable)).toMatchObject({ brokers: 0, afterLossTps: caughtUp });
  expect(known(reserves).entries.find(({ reserve }) => reserve === 'spare')?.factor).toBeLessThan(1);
});

test('the next 10% needs the fewest brokers that carry 10% more after a loss', () => {
  const next = known(headroomOf(six, 2, prices).nextTenth);
  expect(next).toMatchObject({ brokers: 1, cost: 800 });
  expect(next.afterLossTps).toBeGreaterThanOrEqual(1.1 * afterLossOf(six));
  expect(next.afterLossTps / afterLossOf(evenBrokers(7))).toBeLessThan(1.02);
});

test.each([
  [2, 1, 'rocketmq', evenMasters],
  [3, 3, 'rocketmq', evenMasters],
  [4, 1, 'kafka', evenBrokers],
  [6, 2, 'kafka', evenBrokers],
] as const)(
  'with %i brokers and %i more, the predicted rate is close to a test of %s with that many',
  (now, more, kind, made) => {
    const found = made(now);
    const needed = 0.9 * afterLossOf(made(now + more));
    const { nextTenth } = headroomOf(found, afterLossOf(found) / needed, prices, [], undefined, kind);
    const { brokers, afterLossTps, nowTps, forPeak } = known(nextTenth);
    const perMaster = kind === 'rocketmq' ? 2 : 1;
    expect((forPeak?.brokers ?? brokers) / perMaster).toBe(more);
    const tested = afterLossOf(made(now + brokers / perMaster));
    expect(afterLossTps / tested).toBeLessThan(1.02);
    expect(afterLossTps).toBeGreaterThanOrEqual(1.1 * nowTps);
    expect(afterLossTps / tested).toBeGreaterThan(0.9);
  },
);

test.each([
  [4, 1, 2],
  [6, 3, 2],
])('of %i brokers on hosts with two each, the brokers of a host fail together', (now, fewer, more) => {
  const found = brokersInPairs(now);
  const removable = known(headroomOf(found, 9).removable);
  expect(removable.brokers).toBe(fewer);
  const fewerTested = afterLossOf(brokersInPairs(now - fewer));
  // A larger change of the load makes the lower end of a prediction slightly lower.
  expect(removable.afterLossTps / fewerTested).toBeLessThan(1.03);
  expect(removable.afterLossTps / fewerTested).toBeGreaterThan(0.9);
  const needed = 0.95 * afterLossOf(brokersInPairs(now + more));
  expect(known(headroomOf(found, afterLossOf(found) / needed).nextTenth).forPeak?.brokers).toBe(more);
});

test('no number of brokers is given for a peak above the limit of a consumer group', () => {
  const safe = 'estimateTps' in six.safeMaxTps ? six.safeMaxTps : expect.fail('no maximum');
  const nextWith = (share: number, needed: number) => {
    const value = share * afterLossOf(six);
    const ceilings = [{ group: 'mail', value, low: value, high: value, share: 1 }];
    const circumstances = { confidence: 0.95 };
    const withoutOne = six.withoutOne?.map((loss) => lossWithGroups(loss, ceilings, circumstances));
    const limited = { ...six, safeMaxTps: withGroups(safe, ceilings, circumstances), withoutOne };
    return headroomOf(limited, 1 / needed).nextTenth;
  };
  expect(nextWith(1.05, 1.5)).toEqual({ kind: 'unknown', missing: ['broker-limit'] });
  const next = known(nextWith(1.15, 1.5));
  expect(next.afterLossTps).toBeLessThanOrEqual(1.15 * afterLossOf(six));
  expect(next.forPeak).toBeUndefined();
  expect(known(nextWith(9, 1.5)).forPeak?.brokers).toBeGreaterThan(1);
});

const moment = (at: string) => localText(Date.parse(at), 'UTC');
const missingIn = ({ reserves, removable, nextTenth }: HeadroomPrice) =>
  [reserves, removable, nextTenth].map((part) => (part.kind === 'unknown' ? part.missing : []));

test.each<[string, Analysis | undefined, number | undefined, string[][]]>([
  ['no verdict', undefined, 2, [['verdict'], ['verdict', 'copies'], ['verdict']]],
  ['no forecast', six, undefined, [['forecast'], ['forecast'], []]],
  ['neither', undefined, undefined, [['verdict', 'forecast'], ['verdict', 'forecast', 'copies'], ['verdict']]],
  ['one reading, which is no maximum', readAnalysis('readings'), 2, [['maximum'], ['maximum', 'copies'], ['maximum']]],
  ['a loss without a safe maximum', withUnknownLoss, 2, [['loss'], ['loss'], ['loss']]],
  ['losses without a rate during catch-up', withoutCatchUp(six), 2, [['loss'], ['loss'], ['loss']]],
  ['a single broker', ofOneBroker, 2, [['second-broker'], ['second-broker'], ['second-broker']]],
])('with %s, names what is missing', (_, analysis, share, missing) => {
  expect(missingIn(headroomOf(analysis, share, prices))).toEqual(missing);
});

test('nothing can be removed before a promotion that the history does not include', () => {
  expect(headroomOf(six, 9, prices, [saleOn(3)]).removable).toEqual({ kind: 'unknown', missing: ['forecast'] });
});

test('nothing can be removed before a promotion that ends after the forecast', () => {
  const ended = known(headroomOf(six, 1.8, prices, [saleOn(-400)]).removable);
  expect(ended).toMatchObject({ brokers: 2, forecastEndsAt: '2025-03-24T00:00:00.000Z' });
  const { removable, nextTenth } = headroomOf(six, 1.8, prices, [saleOn(-400), saleOn(22)]);
  expect(removable).toEqual({ kind: 'unknown', missing: ['promotion'] });
  expect(nextTenth.kind).toBe('known');
  // With the load before the promotion, no broker can be removed either.
  expect(known(headroomOf(six, 1.05, prices, [saleOn(-400), saleOn(22)]).removable).brokers).toBe(0);
});

test('three brokers with three copies are all kept', () => {
  expect(known(headroomOf(threeBrokers, 9, prices).removable).brokers).toBe(0);
});

test.each([
  [0.3, 3],
  [0.5, 2],
  [0.65, 0],
  [0.9, 0],
])('with the fullest disk used to %d, %i of six brokers can leave their replicas to the others', (used, brokers) => {
  const ids = six.perBroker.map(({ broker }) => broker);
  const logDirectories = ids.map((broker, index) => {
    const usableBytes = BigInt(Math.round(1e12 * (1 - used * (1 - index / 10))));
    return { broker, path: '/kafka', totalBytes: 1_000_000_000_000n, usableBytes };
  });
  const snapshot = {
    cluster: { name: 'orders', kind: 'kafka' as const, brokers: ids.map((id) => ({ id, address: `${id}:9092` })) },
    topics: [],
    kafka: { logDirectories, topicSizes: [], topicConfigs: [], zooKeeper: [], internals: [] },
  };
  expect(known(headroomOf(six, 9, prices, [], undefined, 'kafka', snapshot).removable).brokers).toBe(brokers);
});

test('without a price, the numbers of brokers are still known, and the text names the config key', () => {
  const headroom = headroomOf(six, 1.3);
  expect(JSON.stringify(headroom)).not.toMatch(/cost|price/i);
  expect(headroomLines(headroom, 'en', moment).join('\n')).toMatch(
    /^Cost of the cluster: unknown\. Missing: price of a broker \(`service\.prices` in plimsoll\.yaml\)\.\n1 broker can be removed\. After the removal and the loss of another broker/,
  );
});

test.each([
  [
    'en',
    /2 brokers can be removed, which saves 1,600 CNY a month\. .* peak of the forecast \(until 2025-03-24 00:00 UTC\) needs/,
  ],
  ['zh', /可缩容 2 个 Broker，每月节省 1,600 元：.*截至 2025-03-24 00:00 UTC 的预测峰值需要/],
] as const)('in %s, states the saving and the end of the forecast', (language, text) => {
  expect(headroomLines(headroomOf(six, 1.8, prices), language, moment).join('\n')).toMatch(text);
});

test('one group that survives the loss of its master stays, and two groups carry twice as much', () => {
  const group = oneGroup();
  const { removable, nextTenth } = headroomOf(group, 2, prices, [], undefined, 'rocketmq');
  expect(known(removable)).toMatchObject({ brokers: 0, savedCost: 0, afterLossTps: afterLossOf(group) });
  expect(known(nextTenth)).toMatchObject({ brokers: 3, afterLossTps: 2 * afterLossOf(group) });
});

test('rounds the slaves of masters up when adding, and down when removing', () => {
  const { removable, nextTenth } = headroomOf(unevenMasters(), 9, prices, [], undefined, 'rocketmq');
  expect(known(nextTenth)).toMatchObject({ brokers: 2, cost: 1600 });
  expect(known(removable)).toMatchObject({ brokers: 1, savedCost: 800 });
});
