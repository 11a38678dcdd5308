// Checks limits from broker metrics (threads, heap, pauses, queues, quotas) against figures computed by hand.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../../../../analyzer/verdict/analyze-run.ts';
import { wholeWithin } from '../../../../../../analyzer/verdict/limits/resources/use.ts';
import { AnalyzerConfig, resolvePolicy } from '../../../../../../core/policy/policy-config.ts';
import type { BrokerInterval, LoadTestRun } from '../../../../../../analyzer/evidence/load-test-run.ts';
import { examplePolicy } from '../../../../../support/example-policy.ts';
import { Analysis } from '../../../../../../core/documents/analysis.ts';
import { plainRun } from '../../../../../support/load-test-run.ts';

const policy = examplePolicy();
const analyse = (run: LoadTestRun) => Analysis.parse(analyzeRun(run, policy));
const finding = (run: LoadTestRun, code: string) => analyse(run).findings.find((each) => each.code === code);

/** Steps of 1,000 to 5,000 msg/s, with the broker metrics of each rate. */
function telling(of: (rate: number) => Omit<BrokerInterval, 'from' | 'to'>): LoadTestRun {
  const run = plainRun();
  const broker = run.produced.map(({ from, to, intended }): BrokerInterval => ({ from, to, ...of(intended) }));
  return { ...run, brokers: new Map([['1', broker]]) };
}

describe('thread pools', () => {
  test('fits each thread pool, and the busier pool is the limit', () => {
    const { resources, safeMaxTps } = analyse(
      telling((rate) => ({ requestHandlersBusy: 0.05 + rate / 8000, networkProcessorsBusy: rate / 16_000 })),
    );
    const handlers = resources.find(({ resource }) => resource === 'request-handlers');
    expect(handlers).toMatchObject({ node: '1', policyLimit: 0.7, capacity: { value: 1, unit: 'ratio' } });
    expect(handlers?.capacity?.source).toContain('request handlers');
    expect(handlers?.fit?.slopePerMessage).toBeCloseTo(1 / 8000, 9);
    // (0.7 − 0.05) · 8,000
    expect(handlers?.safeTps?.value).toBeCloseTo(5200, 0);
    expect(resources.find(({ resource }) => resource === 'network-threads')?.fit?.slopePerMessage).toBeCloseTo(
      1 / 16_000,
      9,
    );
    expect(safeMaxTps).toMatchObject({ limitedBy: { resource: 'request-handlers', node: '1' } });
  });

  test('without thread pool metrics, no thread pool is listed as a limit', () => {
    const silent = analyse(telling(() => ({ messagesInPerSecond: 1 })));
    expect(silent).toEqual(analyse(plainRun()));
    expect(silent.resources.map(({ resource }) => resource)).not.toContain('request-handlers');
  });
});

describe('heap', () => {
  test('a heap that grows with the load has a safe rate', () => {
    const heap = analyse(telling((rate) => ({ heapUsedRatio: 0.1 + rate / 12_500 }))).resources.find(
      ({ resource }) => resource === 'heap',
    );
    // (0.6 − 0.1) · 12,500
    expect(heap?.safeTps?.value).toBeCloseTo(6250, 0);
  });

  test('a heap that is high at every rate is reported and sets no limit', () => {
    const run = telling(() => ({ heapUsedRatio: 0.72 }));
    expect(finding(run, 'heap-after-gc')?.message).toContain('was at 72% after collections at every rate');
    expect(analyse(run).safeMaxTps).toEqual(analyse(plainRun()).safeMaxTps);
  });

  test('a heap that is low at every rate is not reported', () => {
    expect(analyse(telling(() => ({ heapUsedRatio: 0.3 })))).toEqual(analyse(plainRun()));
  });
});

describe('pauses', () => {
  test('no rate above the tested rates is predicted if GC pauses take more than 10% of the time', () => {
    const answer = { kind: 'at-least', reason: 'garbage-collection' };
    const run = telling((rate) => ({ gcPauseShare: rate / 40_000 }));
    const { safeMaxTps, saturationTps, perBroker } = analyse(run);
    const highest = expect.closeTo(5000, -1) as number;
    expect(safeMaxTps).toEqual({ ...answer, tps: highest });
    expect(saturationTps).toEqual({ ...answer, tps: highest });
    expect(perBroker.every(({ safeTps }) => safeTps === undefined)).toBe(true);
  });

  test('a limit within the tested rates is predicted despite GC pauses', () => {
    // 80% of the link is reached at about 4,200 msg/s.
    const run = plainRun({ linkBytesPerSecond: 2.9e6 });
    const broker = run.produced.map(({ from, to }): BrokerInterval => ({ from, to, gcPauseShare: 0.2 }));
    const { safeMaxTps } = analyse({ ...run, brokers: new Map([['1', broker]]) });
    expect(safeMaxTps).toEqual(analyse(run).safeMaxTps);
    expect(safeMaxTps.kind).toBe('predicted');
  });

  test('GC pauses of more than 5% of a step are reported with the rate of that step', () => {
    const run = telling((rate) => ({ gcPauseShare: rate / 50_000 }));
    expect(finding(run, 'gc-share')?.message).toContain(
      'At 5,000 msg/s broker 1 was paused for garbage collection for 10',
    );
    expect(
      finding(
        telling(() => ({ gcPauseShare: 0.05 })),
        'gc-share',
      ),
    ).toBeUndefined();
  });

  test('GC pauses counted by jstat are not reported twice', () => {
    const run = { ...telling(() => ({ gcPauseShare: 0.1 })), jvms: new Map([['broker-1', []]]) };
    expect(finding(run, 'gc-share')).toBeUndefined();
  });

  test('a pause longer than half of the p99 is reported with the p99', () => {
    const run = telling(() => ({ longestPauseSeconds: 0.12 }));
    const with99 = (p99: number) => ({
      ...run,
      steps: run.steps.map((step) => ({ ...step, latencySeconds: { p50: 0.002, p99, p999: p99, max: p99 } })),
    });
    expect(finding(with99(0.2), 'gc-pause')?.message).toContain('took 120 ms, compared with a p99 of 200 ms');
    expect(finding(with99(0.3), 'gc-pause')).toBeUndefined();
    expect(finding(run, 'gc-pause')).toBeUndefined();
  });

  test('a pause longer than half of the latency SLO is a warning', () => {
    const told = (longestPauseSeconds: number) => {
      const promise = resolvePolicy(AnalyzerConfig.parse({ slo: { publishLatencyP99: '200ms' } }));
      const { findings } = analyzeRun(
        telling(() => ({ longestPauseSeconds })),
        promise,
      );
      return findings.find(({ code }) => code === 'gc-pause');
    };
    expect(told(0.12)).toMatchObject({ severity: 'warning' });
    expect(told(0.12)?.message).toContain('took 120 ms, compared with an SLO (p99) of 200 ms');
    expect(told(0.1)).toBeUndefined();
  });
});

describe('pauses and slow seconds', () => {
  /** Every tenth second is slow. */
  const isSlow = (from: number) => Math.floor(from) % 10 === 3;
  const withCourse = (pausedAt: (from: number) => boolean) => {
    const run = telling(() => ({}));
    const percentiles = { p50: 0.002, p99: 0.02, p999: 0.4, max: 0.6 };
    return {
      ...run,
      steps: run.steps.map((step) => ({
        ...step,
        latencySeconds: percentiles,
        latencyCourse: run.produced.flatMap(({ from, to }) =>
          from >= step.from && to <= step.to ? [{ from, to, p99Seconds: isSlow(from) ? 0.4 : 0.01 }] : [],
        ),
      })),
      brokers: new Map([
        [
          '1',
          run.produced.map(({ from, to }): BrokerInterval => ({ from, to, gcPauseShare: pausedAt(from) ? 0.3 : 0 })),
        ],
      ]),
    };
  };

  test('slow seconds that contain the pauses are a warning', () => {
    const found = finding(withCourse(isSlow), 'gc-in-slow-seconds');
    expect(found?.severity).toBe('warning');
    expect(found?.message).toMatch(/^(\d) of \1 slow seconds \(send p99 above that of the step\) had a GC pause/);
    expect(found?.message).toContain('is 400 ms with a pause and 10 ms without');
    expect(found?.evidence.find(({ name }) => name === 'paused in slow seconds')?.value).toBeCloseTo(0.3);
  });

  test('slow seconds without pauses are reported as having another cause', () => {
    const elsewhere = withCourse((from) => Math.floor(from) % 10 === 7);
    expect(finding(elsewhere, 'gc-in-slow-seconds')).toBeUndefined();
    expect(finding(elsewhere, 'slow-seconds-without-gc')?.severity).toBe('info');
  });

  test('pauses in every second, or missing readings, add no finding about slow seconds', () => {
    const codes = ({ findings }: Analysis) =>
      findings.map(({ code }) => code).filter((code) => code.includes('slow-s'));
    expect(codes(analyse(withCourse(() => true)))).toEqual([]);
    expect(codes(analyse({ ...withCourse(() => true), brokers: new Map() }))).toEqual([]);
  });
});

test('a send queue wait as long as the timeout of RocketMQ is reported with its rate', () => {
  const waiting = (seconds: number) =>
    finding(
      telling((rate) => ({ sendQueueWaitSeconds: rate === 5000 ? seconds : 0 })),
      'send-queue-wait',
    );
  expect(waiting(0.25)?.message).toContain('At 5,000 msg/s messages waited up to 250 ms');
  expect(waiting(0.19)).toBeUndefined();
});

test('a quota that throttled clients is reported with the lowest throttled rate', () => {
  const run = telling((rate) => ({ throttledSeconds: rate > 2500 ? 0.3 : 0 }));
  expect(finding(run, 'quota')?.message).toContain('from 3,000 msg/s on (longest throttle time 300 ms)');
  expect(
    finding(
      telling(() => ({ throttledSeconds: 0 })),
      'quota',
    ),
  ).toBeUndefined();
});

test('the intervals of a step are those entirely within its window, whatever their order', () => {
  const second = fc.integer({ min: 0, max: 60 });
  const span = fc.tuple(second, fc.integer({ min: 0, max: 9 })).map(([from, length]) => ({ from, to: from + length }));
  fc.assert(
    fc.property(fc.array(span), span, fc.boolean(), (drawn, window, inOrder) => {
      const intervals = inOrder ? drawn.toSorted((a, b) => a.from - b.from) : drawn;
      const whole = intervals.filter(({ from, to }) => from >= window.from && to <= window.to);
      expect(wholeWithin(intervals, window)).toEqual(whole);
    }),
  );
});
