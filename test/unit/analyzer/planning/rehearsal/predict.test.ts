import { expect, test } from 'vitest';
import type { RehearsalCourse } from '../../../../../analyzer/planning/rehearsal/course.ts';
import { predictFailure, type PredictedCluster } from '../../../../../analyzer/planning/rehearsal/predict.ts';
import { readDefaultPolicy } from '../../../../../core/policy/policy.ts';

const policy = readDefaultPolicy();
const courseOf = (...rates: number[]): RehearsalCourse => ({
  compress: 6,
  stepSeconds: 10,
  steps: rates.map((rate) => [rate]),
  peakStep: rates.indexOf(Math.max(...rates)),
  peakMinutes: 0,
  historyPeakTps: 1,
});
const clusterOf = (over: Partial<PredictedCluster> = {}): PredictedCluster => ({
  broker: 'kafka',
  mode: 'kraft',
  replicas: 3,
  brokers: ['1', '2', '3'].map((id) => ({ id, linkBitsPerSecond: 50e6 })),
  topics: [{ name: 'orders', messageBytes: 10_000, groups: [{ name: 'billing' }] }],
  lingerSeconds: 0.005,
  workers: 1,
  ...over,
});

/** With messages of 10 kB and three replicas, each broker receives each message once: 6.15 MB/s divided by 10.4 kB. */
const fullTps = 590;

test('names the cards that saturate first, the step that exceeds them and the minutes it lasts', () => {
  const predicted = predictFailure(
    clusterOf(),
    courseOf(200, 0.9 * fullTps, 1.2 * fullTps, 1.2 * fullTps, 100),
    policy,
  );
  expect(predicted).toMatchObject({
    kind: 'failure',
    cause: 'resource',
    limit: { node: '1' },
    step: 2,
    rehearsalSeconds: 20,
    promotionMinutes: 2,
  });
  if (predicted.kind !== 'failure') throw new Error(predicted.kind);
  expect(new Set(predicted.alike.map((limit) => ('node' in limit ? limit.node : '')))).toEqual(
    new Set(['1', '2', '3']),
  );
  expect(JSON.stringify(predicted.limit)).toContain('network');
  expect(predicted.minutesOutside).toBeGreaterThanOrEqual(2);
});

test('the broker with the slowest card fails first', () => {
  const brokers = ['1', '2', '3'].map((id) => ({ id, linkBitsPerSecond: id === '2' ? 25e6 : 50e6 }));
  const predicted = predictFailure(clusterOf({ brokers }), courseOf(100, 0.7 * fullTps), policy);
  expect(predicted).toMatchObject({ kind: 'failure', step: 1, limit: { node: '2' } });
  expect(JSON.stringify(predicted)).not.toContain('"node":"1"');
});

test('no failure is predicted below the capacity of the cards', () => {
  expect(predictFailure(clusterOf(), courseOf(100, 0.8 * fullTps), policy)).toEqual({ kind: 'none' });
});

test('a group limited by its processing time fails before the cards', () => {
  const topics = [{ name: 'orders', messageBytes: 10_000, groups: [{ name: 'billing', mostPerSecond: 150 }] }];
  const predicted = predictFailure(clusterOf({ topics }), courseOf(100, 200, 300), policy);
  expect(predicted).toMatchObject({ step: 1, cause: 'consumer-lag', limit: { slo: 'consumer-lag', group: 'billing' } });
});

test('a stopped broker lowers the capacity from its step on', () => {
  const course = courseOf(100, 0.9 * fullTps, 0.9 * fullTps);
  const stop = { broker: '3', step: 1, rehearsalSeconds: 10, promotionMinutes: 1, lastsSeconds: 20 };
  expect(predictFailure(clusterOf(), course, policy)).toEqual({ kind: 'none' });
  const predicted = predictFailure(clusterOf(), course, policy, stop);
  if (predicted.kind !== 'failure') throw new Error(predicted.kind);
  expect(predicted.step).toBe(1);
  expect(JSON.stringify(predicted.alike)).not.toContain('"node":"3"');
});

test('a limit from an earlier analysis counts if it is below that of the cards', () => {
  const saturation = { tps: 300, limit: { resource: 'cpu' as const, node: '1' } };
  const predicted = predictFailure(clusterOf({ saturation }), courseOf(100, 290, 310), policy);
  expect(predicted).toMatchObject({ step: 2, cause: 'resource', limit: { resource: 'cpu', node: '1' } });
});

test('without the speed of any card the prediction is unknown and names what is missing', () => {
  const predicted = predictFailure(clusterOf({ brokers: [{ id: '1' }] }), courseOf(100), policy);
  expect(predicted).toMatchObject({ kind: 'unknown' });
  expect(JSON.stringify(predicted)).toContain('network card of broker 1 (hosts.NAME.network.speed)');
});

test('a card of unknown speed is not unlimited because the others are known', () => {
  const brokers = ['1', '2', '3'].map((id) => ({ id, ...(id !== '2' && { linkBitsPerSecond: 50e6 }) }));
  const predicted = predictFailure(clusterOf({ brokers }), courseOf(100), policy);
  expect(predicted).toMatchObject({ kind: 'unknown' });
  expect(JSON.stringify(predicted)).toContain('network card of broker 2 (hosts.NAME.network.speed)');
  expect(JSON.stringify(predicted)).not.toContain('broker 1');
  const saturation = { tps: 300, limit: { resource: 'cpu' as const, node: '1' } };
  expect(predictFailure(clusterOf({ brokers, saturation }), courseOf(100), policy)).toEqual({ kind: 'none' });
});

test('a verdict without a saturation rate is named as missing', () => {
  const predicted = predictFailure(
    clusterOf({ brokers: [{ id: '1' }], isSaturationUnknown: true }),
    courseOf(100),
    policy,
  );
  if (predicted.kind !== 'unknown') throw new Error(predicted.kind);
  expect(predicted.missing.at(-1)).toBe('or a verdict with a saturation: that of --analysis has none');
});

test('RocketMQ masters share the load, and each of them leads its queues alone', () => {
  const brokers = ['a:0', 'b:0'].map((id) => ({ id, linkBitsPerSecond: 50e6 }));
  const cluster = clusterOf({ broker: 'rocketmq', mode: 'single', replicas: 1, brokers });
  expect(predictFailure(cluster, courseOf(500, 1000), policy)).toEqual({ kind: 'none' });
  expect(predictFailure(cluster, courseOf(500, 1500), policy)).toMatchObject({ step: 1, limit: { node: 'a:0' } });
});
