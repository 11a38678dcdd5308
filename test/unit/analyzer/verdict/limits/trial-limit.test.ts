import { expect, test } from 'vitest';
import { createLimitJudge } from '../../../../../analyzer/verdict/limits/trial-limit.ts';
import type { BrokerFigures } from '../../../../../core/documents/evidence/broker-figures.ts';
import type { ThrottledAnswers } from '../../../../../core/documents/evidence/configured-limits.ts';
import type { TrialEvidence } from '../../../../../core/limit-judge.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { JournalLine } from '../../../../../core/documents/run-bundle.ts';
import { TelemetryRecord } from '../../../../../core/documents/evidence/telemetry.ts';
import { seconds } from '../../../../../core/clock.ts';
import { messagesPerSecond, ratio } from '../../../../../core/units.ts';
import { createLatencyRecorder } from '../../../../../loadgen/record/latency.ts';
import { createRunProgressSum } from '../../../../../loadgen/record/run-progress-sum.ts';
import { completeCriteria, type CriteriaOptions } from '../../../../../loadgen/search/criteria/criteria-options.ts';
import { judge } from '../../../../../loadgen/search/criteria/judge.ts';
import { watchTrials } from '../../../../../loadgen/search/trial-watch.ts';
import { idleCard, idleCore } from '../../../../support/idle-counters.ts';

const secondsOfTrial = Array.from({ length: 30 }, (_, second) => second);

interface Given {
  figures?: BrokerFigures;
  throttled?: ThrottledAnswers;
  linkShare?: number;
  /** Share in every tenth second. */
  burstShare?: number;
  length?: number;
  refused?: { cause: string; count: number };
  /** Shares of the CPU in every tenth second, and in the others. */
  cpu?: { busy: number; calm: number; mode: 'user' | 'iowait' };
  usedMemory?: number;
  generatorHost?: string;
}

/** A trial at 1,000 msg/s that began 100 s after its run, with journal and telemetry as a run writes them. */
function trial({
  figures,
  throttled,
  linkShare = 0,
  burstShare = linkShare,
  length = 30,
  refused,
  cpu,
  usedMemory,
  generatorHost,
}: Given): TrialEvidence {
  const [begins, rate] = [100, 1000];
  const during = secondsOfTrial.slice(0, length);
  const lines = during.map((second) =>
    JournalLine.parse({
      kind: 'produced',
      elapsedSeconds: begins + second + 1,
      intervalSeconds: 1,
      worker: 'producer-0',
      intended: rate,
      sent: rate,
      acknowledged: rate,
      failed: 0,
      bytes: 500 * rate,
      requests: 20,
      latency: '',
      sendDelay: '',
      eventLoopUtilisation: 0.1,
      eventLoopDelayMaxSeconds: 0.01,
      cpuSeconds: 0.1,
      ...(throttled && { throttled }),
    }),
  );
  const brokers = during.map((second) => ({
    kind: 'broker',
    cluster: 'lab',
    broker: '1',
    elapsedSeconds: begins + second + 1,
    scrapeSeconds: 0,
    intervalSeconds: 1,
    source: 'jolokia',
    figures,
  }));
  let sentBytes = 0;
  let spent = 0;
  const hosts = [-1, ...during].map((second) => {
    if (second >= 0) sentBytes += 6.25e6 * (second % 10 === 5 ? burstShare : linkShare);
    if (second >= 0 && cpu) spent += second % 10 === 5 ? cpu.busy : cpu.calm;
    return {
      kind: 'host',
      host: 'broker-1',
      elapsedSeconds: begins + second + 1,
      scrapeSeconds: 0,
      reading: {
        networkDevices: [card(sentBytes)],
        ...(cpu && { cpus: [{ ...idleCore, idle: second + 1 - spent, [cpu.mode]: spent }] }),
        ...(usedMemory !== undefined && { memoryBytes: { MemTotal: 100, MemAvailable: 100 * (1 - usedMemory) } }),
      },
    };
  });
  return {
    targetTps: rate,
    from: begins,
    to: begins + length,
    durationSeconds: 30,
    environment: {
      hosts: [
        { host: 'broker-1', networkDevices: [{ device: 'eth0', speed: { bitsPerSecond: 50e6, source: 'config' } }] },
      ],
      brokers: [{ id: '1', address: '127.0.0.1:9092', host: 'broker-1' }],
      ...(generatorHost !== undefined && { generatorHost }),
    },
    lines: [
      ...lines,
      ...(refused
        ? [
            JournalLine.parse({
              kind: 'error',
              elapsedSeconds: begins + 5,
              code: 'broker-busy',
              message: 'send was turned away',
              ...refused,
            }),
          ]
        : []),
    ].filter((line) => line.kind === 'produced' || line.kind === 'error'),
    telemetry: [...(figures ? brokers : []), ...((cpu ?? usedMemory ?? linkShare) === 0 ? [] : hosts)].map((record) =>
      TelemetryRecord.parse(record),
    ),
  };
}

const card = (transmitBytes: number) => ({ ...idleCard, transmitBytes });

const judgeOf = (broker: 'kafka' | 'rocketmq' = 'kafka') =>
  createLimitJudge(
    {
      id: 'r1',
      cluster: 'lab',
      broker,
      workload: { messageBytes: 500 },
      configuredLimits: { quotas: [], brokers: [] },
    },
    examplePolicy(),
  );
const judged = (given: Given, broker?: 'kafka' | 'rocketmq') => judgeOf(broker)(trial(given));

const calm: BrokerFigures = {
  requestHandlersBusy: 0.2,
  networkProcessorsBusy: 0.1,
  gcPauseShare: 0.01,
  longestPauseSeconds: 0.02,
};

test('brokers with monitored internals and spare capacity are within their limits', () => {
  expect(judged({ figures: calm })).toEqual({ kind: 'within', hosts: [] });
});

test('brokers with unmonitored internals are unknown, not within their limits', () => {
  expect(judged({})).toEqual({
    kind: 'unknown',
    reason: 'not monitored: request-handlers of broker 1, network-threads of broker 1, heap of broker 1',
    hosts: [],
  });
});

test('sends refused by a broker count even in a trial of a few seconds', () => {
  const refused = { cause: 'timeout-clean-queue', count: 250 };
  expect(judged({ figures: { sendQueueWaitSeconds: 0 }, refused, length: 5 }, 'rocketmq')).toMatchObject({
    kind: 'reached',
    limit: { resource: 'send-queue', node: '1' },
  });
});

test('a trial of a few seconds is unknown', () => {
  expect(judged({ figures: { ...calm, requestHandlersBusy: 1 }, length: 5 }).kind).toBe('unknown');
});

test.each<[string, Given, 'kafka' | 'rocketmq', object]>([
  [
    'a quota from the throttle times in responses',
    { figures: calm, throttled: { answers: 10, seconds: 0.34, longestSeconds: 0.1 } },
    'kafka',
    { limit: { resource: 'produce-quota', node: '1' }, detail: 'throttled 34% of the time' },
  ],
  [
    'request handlers above the policy limit that are not saturated',
    { figures: { ...calm, requestHandlersBusy: 0.75 } },
    'kafka',
    { limit: { resource: 'request-handlers', node: '1' }, bound: 0.7, detail: '75% busy' },
  ],
  [
    'network threads',
    { figures: { ...calm, networkProcessorsBusy: 0.96 } },
    'kafka',
    { limit: { resource: 'network-threads', node: '1' }, detail: '96% busy' },
  ],
  [
    'GC pauses',
    { figures: { ...calm, gcPauseShare: 0.18, longestPauseSeconds: 1.1 } },
    'kafka',
    { limit: { resource: 'heap', node: '1' }, detail: 'paused 18% of the time for garbage collection' },
  ],
  [
    'partitions under min ISR',
    { figures: { ...calm, underMinIsrPartitions: 3 } },
    'kafka',
    { limit: { resource: 'replication', node: '1' }, detail: '3 partitions under min ISR' },
  ],
  [
    'the send queue of RocketMQ',
    { figures: { sendQueueWaitSeconds: 0.15 } },
    'rocketmq',
    { limit: { resource: 'send-queue', node: '1' }, bound: 0.1, unit: 's', detail: 'requests waited 150 ms' },
  ],
  [
    'the send queue of RocketMQ from refused sends, even if every reading of its wait was short',
    { figures: { sendQueueWaitSeconds: 0 }, refused: { cause: 'timeout-clean-queue', count: 1500 } },
    'rocketmq',
    { limit: { resource: 'send-queue', node: '1' }, measured: 0.05, detail: '5% of sends refused' },
  ],
  [
    'a busy page cache of RocketMQ from refused sends',
    { figures: { sendQueueWaitSeconds: 0 }, refused: { cause: 'page-cache-busy', count: 1500 } },
    'rocketmq',
    { limit: { resource: 'flush', node: '1' }, detail: '5% of sends refused' },
  ],
  [
    'the page-cache lock of RocketMQ',
    { figures: { sendQueueWaitSeconds: 0.01, pageCacheLockSeconds: 0.8 } },
    'rocketmq',
    { limit: { resource: 'flush', node: '1' }, detail: 'a write to the page cache held its lock for 800 ms' },
  ],
  [
    'flushes',
    { figures: { ...calm, flushSecondsPerSecond: 0.96 } },
    'kafka',
    { limit: { resource: 'flush', node: '1' }, detail: '0.96 s per second in flushes' },
  ],
  [
    'a saturated link',
    { figures: calm, linkShare: 0.97 },
    'kafka',
    { limit: { resource: 'network-out', node: '1' }, detail: '97% used' },
  ],
])('names %s', (_, given, broker, reached) => {
  expect(judged(given, broker)).toMatchObject({ kind: 'reached', ...reached });
});

/** @returns the outcome of such a trial of a find-safe */
function outcomeOf(given: Given, criteria: CriteriaOptions = {}) {
  const { lines, telemetry, environment, from, to, targetTps } = trial({ figures: calm, ...given });
  const watch = watchTrials(createRunProgressSum([]), environment, undefined, judgeOf());
  watch.begin({ rate: messagesPerSecond(targetTps), duration: seconds(to - from), purpose: 'soak' }, from);
  const [first, ...others] = telemetry;
  watch.see(first ? [first] : []);
  for (const record of others) watch.see([record]);
  const none = createLatencyRecorder().take();
  for (const line of lines) watch.add(line.kind === 'produced' ? { ...line, latency: none, sendDelay: none } : line);
  return judge(
    watch.figures(to, { tookSeconds: 0, lagMessages: 0 }),
    completeCriteria(criteria, 'find-safe', examplePolicy()),
  );
}

test('find-safe compares the busiest seconds of a host with the policy, as the analysis does, not the mean', () => {
  expect(outcomeOf({ linkShare: 0.7, burstShare: 0.95 })).toMatchObject({
    kind: 'failed',
    criterion: 'network-out of broker-1',
    measured: expect.closeTo(0.95, 6) as number,
    limit: 0.8,
  });
  expect(outcomeOf({ linkShare: 0.7, burstShare: 0.79 }).kind).toBe('passed');
});

test('the same applies to cores that the load generator shares', () => {
  const shared = (busy: number) => outcomeOf({ cpu: { busy, calm: 0.4, mode: 'user' }, generatorHost: 'broker-1' });
  expect(shared(0.9)).toMatchObject({ kind: 'failed', criterion: 'cpu of broker-1', limit: 0.7 });
  expect(shared(0.69).kind).toBe('passed');
});

test.each<[string, Given, CriteriaOptions, object]>([
  [
    'iowait',
    { cpu: { busy: 0.4, calm: 0.1, mode: 'iowait' } },
    { hosts: { iowait: ratio(0.3) } },
    { measured: expect.closeTo(0.4, 6) as number, limit: 0.3 },
  ],
  ['memory', { usedMemory: 0.95 }, { hosts: { memory: ratio(0.9) } }, { measured: 0.95, limit: 0.9 }],
])('a trial above its criterion for %s fails', (resource, given, criteria, breach) => {
  expect(outcomeOf(given, criteria)).toMatchObject({
    kind: 'failed',
    criterion: `${resource} of broker-1`,
    violated: { kind: 'host', resource, host: 'broker-1' },
    ...breach,
  });
  expect(outcomeOf(given).kind).toBe('passed');
});
