// Checks that a step that was not sustained has the limit that explains it, or an unknown cause with suspects.

import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import type { BrokerInterval, LoadTestRun, Produced } from '../../../../../analyzer/evidence/load-test-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { Analysis } from '../../../../../core/documents/analysis.ts';
import type { ConfiguredQuota } from '../../../../../core/documents/evidence/configured-limits.ts';
import { plainRun } from '../../../../support/load-test-run.ts';

const policy = examplePolicy();
const analyse = (run: LoadTestRun) => Analysis.parse(analyzeRun(run, policy));
const codes = (run: LoadTestRun) => analyse(run).findings.map(({ code }) => code);

/** 1,000 to 5,000 msg/s over a fast link; the last step achieves 90%. */
const missed = (change: Parameters<typeof plainRun>[0] = {}) =>
  plainRun({ linkBytesPerSecond: 1e9, carried: (rate) => (rate === 5000 ? 0.9 : 1), ...change });

const withBroker = (
  run: LoadTestRun,
  figuresAt: (rate: number) => Omit<BrokerInterval, 'from' | 'to'>,
): LoadTestRun => ({
  ...run,
  brokers: new Map([
    ['1', run.produced.map(({ from, to, intended }): BrokerInterval => ({ from, to, ...figuresAt(intended) }))],
  ]),
});

const withProduced = (run: LoadTestRun, change: (line: Produced) => Partial<Produced>): LoadTestRun => ({
  ...run,
  produced: run.produced.map((line) => ({ ...line, ...change(line) })),
});

const withQuotas = (run: LoadTestRun, ...quotas: ConfiguredQuota[]): LoadTestRun => ({
  ...run,
  document: { ...run.document, configuredLimits: { quotas, brokers: [] } },
});

const quota = (kind: ConfiguredQuota['kind'], value: number): ConfiguredQuota => ({
  kind,
  value,
  entity: 'client-id=<default>',
  shares: 1,
});

describe('client quotas', () => {
  const throttledAtTop = ({ intended }: Produced) => ({
    throttled:
      intended === 5000
        ? { answers: 20, seconds: 0.6, longestSeconds: 0.1 }
        : { answers: 0, seconds: 0, longestSeconds: 0 },
  });

  test('throttle times in responses name the quota as the limit, even if its value is unknown', () => {
    const { steps, saturationTps, safeMaxTps } = analyse(withProduced(missed(), throttledAtTop));
    const limit = { resource: 'produce-quota', node: '1' };
    expect(steps[4]?.verdict).toEqual({ kind: 'saturated', bottleneck: limit });
    expect(saturationTps).toMatchObject({
      kind: 'confirmed',
      limitedBy: limit,
      estimateTps: expect.closeTo(4500, 3) as number,
    });
    // 90% of the throughput at which the quota throttled.
    expect(safeMaxTps).toMatchObject({
      kind: 'predicted',
      limitedBy: limit,
      estimateTps: expect.closeTo(4050, 3) as number,
    });
  });

  test('the safe maximum stays below a configured quota even if the load was never throttled', () => {
    // 500 B bodies, 50 per request: a record of 509 B or more, (60 + 61 + 50 · record) / 50
    const { safeMaxTps, resources } = analyse(
      withQuotas(plainRun({ linkBytesPerSecond: 1e8 }), quota('produce-quota', 3e6)),
    );
    expect(safeMaxTps).toMatchObject({ limitedBy: { resource: 'produce-quota', node: '1' } });
    const use = resources.find(({ resource }) => resource === 'produce-quota');
    expect(use?.capacity).toMatchObject({ value: 3e6, unit: 'bytes/s' });
    expect(3e6 / (use?.saturationTps?.value ?? 0)).toBeGreaterThan(505);
    expect(3e6 / (use?.saturationTps?.value ?? 0)).toBeLessThan(520);
    expect(safeMaxTps.kind === 'predicted' && safeMaxTps.tps).toBeLessThanOrEqual((0.9 * 3e6) / 505);
  });

  test('a burst at the start of a short step does not change the saturation rate of a known quota', () => {
    // 4,900 msg/s are achieved at first, though 2.3 MB/s are exhausted at 2.3e6 / 512.
    const run = plainRun({ linkBytesPerSecond: 1e9, carried: (rate) => (rate === 5000 ? 0.98 : 1) });
    const { safeMaxTps, saturationTps } = analyse(
      withQuotas(withProduced(run, throttledAtTop), quota('produce-quota', 2.3e6)),
    );
    expect(saturationTps).toMatchObject({
      kind: 'confirmed',
      limitedBy: { resource: 'produce-quota', node: '1' },
      estimateTps: expect.closeTo(2.3e6 / 512, -2) as number,
    });
    expect(safeMaxTps).toMatchObject({
      kind: 'predicted',
      estimateTps: expect.closeTo((0.9 * 2.3e6) / 512, -2) as number,
    });
  });

  test('names the request quota if it exists and the byte quota is far from exhausted', () => {
    const run = withQuotas(missed(), quota('produce-quota', 1e9), quota('request-quota', 0.1));
    expect(analyse(withProduced(run, throttledAtTop)).steps[4]?.verdict).toEqual({
      kind: 'saturated',
      bottleneck: { resource: 'request-quota', node: '1' },
    });
  });

  test('responses without throttle times rule out a quota', () => {
    const calm = withProduced(missed(), () => ({ throttled: { answers: 0, seconds: 0, longestSeconds: 0 } }));
    expect(analyse(calm).steps[4]?.verdict).toEqual({ kind: 'saturated' });
  });
});

describe('inside a broker', () => {
  test('busy request handlers are the limit, and take precedence over a generator that sends late because of them', () => {
    const run = withBroker(missed(), (rate) => ({ requestHandlersBusy: rate === 5000 ? 0.97 : rate / 6000 }));
    expect(analyse(run).steps[4]?.verdict).toEqual({
      kind: 'saturated',
      bottleneck: { resource: 'request-handlers', node: '1' },
    });
    expect(analyse(run).safeMaxTps).toMatchObject({ limitedBy: { resource: 'request-handlers', node: '1' } });
    expect(codes(run)).not.toContain('not-monotonic');
  });

  test('handlers that saturate far below their fitted limit put the safe maximum between the steps', () => {
    // The fitted law: 70% at 42,000 msg/s.
    const run = withBroker(missed(), (rate) => ({ requestHandlersBusy: rate === 5000 ? 0.97 : rate / 60_000 }));
    const { safeMaxTps, saturationTps, resources, perBroker, explanation = [] } = analyse(run);
    const limitedBy = { resource: 'request-handlers', node: '1' };
    // 4,000 + 500 · (0.7 − 0.067) / (0.97 − 0.067)
    const between = { tps: expect.closeTo(4000, 3) as number, estimateTps: expect.closeTo(4350.6, 0) as number };
    expect(safeMaxTps).toMatchObject({ kind: 'predicted', ...between, limitedBy });
    expect(saturationTps).toMatchObject({ estimateTps: expect.closeTo(4500, 3) as number, limitedBy });
    expect(resources.find(({ resource }) => resource === 'request-handlers')?.safeTps).toBeUndefined();
    expect(perBroker[0]?.safeTps).toBeCloseTo(4000, 3);
    expect(explanation.map(({ id }) => id)).not.toContain('law.a');
  });

  test('the flush time of one broker, whose share is not measured, does not limit another broker', () => {
    const run = withBroker(missed(), (rate) => ({ flushSecondsPerSecond: rate === 5000 ? 0.95 : 0.1 }));
    const { environment } = run.document;
    const brokers = [...environment.brokers, { id: '2', address: 'broker-2:9092', host: 'broker-2' }];
    const { perBroker } = analyse({ ...run, document: { ...run.document, environment: { ...environment, brokers } } });
    expect(perBroker.map(({ broker, limitedBy }) => [broker, limitedBy])).toEqual([
      ['1', { resource: 'flush', node: '1' }],
      ['2', undefined],
    ]);
  });

  test('JVM pauses of more than 10% of the time are the limit, not a card close to saturation', () => {
    const run = withBroker(missed({ linkBytesPerSecond: 2.9e6 }), (rate) => ({
      gcPauseShare: rate === 5000 ? 0.3 : 0,
    }));
    const { steps, safeMaxTps, saturationTps, findings } = analyse(run);
    expect(steps[4]?.verdict).toEqual({ kind: 'saturated', bottleneck: { resource: 'heap', node: '1' } });
    // The heap policy of 60% is about use after a collection, not about throughput, so the CPU policy applies.
    if (safeMaxTps.kind !== 'predicted' || saturationTps.kind !== 'confirmed') throw new Error(safeMaxTps.kind);
    expect(safeMaxTps.limitedBy).toEqual({ resource: 'heap', node: '1' });
    expect(safeMaxTps.estimateTps / saturationTps.estimateTps).toBeCloseTo(0.7, 2);
    expect(findings.find(({ code }) => code === 'margin-ledger')?.message).toContain('the policy limit of heap, 70%');
  });

  test('a broker without host metrics is judged by its own metrics', () => {
    const run = withBroker(missed(), (rate) => ({ requestHandlersBusy: rate === 5000 ? 0.97 : rate / 6000 }));
    const hostless = { ...run, hosts: new Map() };
    expect(analyse(hostless).steps[4]?.verdict).toEqual({
      kind: 'saturated',
      bottleneck: { resource: 'request-handlers', node: '1' },
    });
  });

  test.each([
    ['flushes', { flushSecondsPerSecond: 0.95 }, 'flush'],
    ['too few in-sync replicas', { underMinIsrPartitions: 3 }, 'replication'],
    ['a long wait in the send queue', { sendQueueWaitSeconds: 0.3 }, 'send-queue'],
  ] as const)('names the limit: %s', (_, figures, resource) => {
    const run = withBroker(missed(), (rate) => (rate === 5000 ? figures : {}));
    expect(analyse(run).steps[4]?.verdict).toEqual({ kind: 'saturated', bottleneck: { resource, node: '1' } });
  });
});

describe('a limit of unknown cause', () => {
  const flat = (change: Parameters<typeof plainRun>[0] = {}) =>
    plainRun({
      rates: [1000, 2000, 3000, 4000, 5000],
      linkBytesPerSecond: 1.25e7,
      carried: (rate) => Math.min(1, 3500 / rate),
      ...change,
    });

  test('reports at-least the highest sustained step, and the rate at which throughput stopped as ceiling', () => {
    const { safeMaxTps, saturationTps } = analyse(flat({ linkBytesPerSecond: 1e9 }));
    expect(safeMaxTps).toMatchObject({
      kind: 'at-least',
      tps: 3000,
      reason: 'limit-cause-unknown',
      ceiling: { tps: 3500 },
    });
    expect(saturationTps).toMatchObject({ kind: 'at-least', tps: 3000, reason: 'limit-cause-unknown' });
  });

  test('an at-least rate is at most 90% of the rate at which throughput stopped', () => {
    const { safeMaxTps, saturationTps } = analyse(flat({ linkBytesPerSecond: 1e9, rates: [1000, 2000, 3400, 5000] }));
    expect(safeMaxTps).toMatchObject({ kind: 'at-least', tps: 0.9 * 3500, reason: 'limit-cause-unknown' });
    expect(saturationTps).toMatchObject({ kind: 'at-least', tps: 3400 });
  });

  test('handlers that were busier at a lower rate than at a sustained one within the policy set no limit', () => {
    const run = withBroker(flat({ linkBytesPerSecond: 1e9 }), (rate) => ({
      requestHandlersBusy: rate === 1000 ? 0.75 : 0.6,
      networkProcessorsBusy: 0,
      gcPauseShare: 0,
    }));
    const { safeMaxTps, findings } = analyse(withQuotas(run));
    expect(safeMaxTps).toMatchObject({ kind: 'at-least', tps: 3000, reason: 'limit-cause-unknown' });
    expect(findings.map(({ code }) => code)).not.toContain('past-limit-from-the-start');
  });

  test('a card with constant traffic below its stated speed is the first suspect', () => {
    const { safeMaxTps, findings } = analyse(flat());
    expect(safeMaxTps).toMatchObject({
      reason: 'limit-cause-unknown',
      ceiling: { suspects: [{ resource: 'network-in', node: '1' }, ...suspectsOfKafka] },
    });
    expect(findings.find(({ code }) => code === 'stated-link-speed-contradicted')?.message).toMatch(
      /100 Mbit\/s.*16\.9 Mbit\/s was measured inbound/,
    );
  });

  test('resources without metrics are suspects, and the verdict names the metrics to add', () => {
    const { safeMaxTps } = analyse(flat({ linkBytesPerSecond: 1e9, rates: [1000, 2000, 3000, 4000] }));
    expect(safeMaxTps.kind === 'at-least' && safeMaxTps.ceiling?.suspects).toEqual([
      ...suspectsOfKafka,
      { resource: 'produce-quota', node: '1' },
    ]);
    expect(safeMaxTps.kind === 'at-least' && safeMaxTps.ceiling?.decidedBy).toContain('jmx');
  });

  test('a monitored, busy resource is the last suspect, and the advised check is to add capacity', () => {
    const run = withBroker(flat({ linkBytesPerSecond: 1e9, rates: [1000, 2000, 3000, 4000] }), (rate) => ({
      requestHandlersBusy: Math.min(0.8, rate / 4000),
      networkProcessorsBusy: 0,
      gcPauseShare: 0,
    }));
    const { safeMaxTps, findings } = analyse(withQuotas(run));
    expect(safeMaxTps).toMatchObject({
      ceiling: {
        suspects: [{ resource: 'request-handlers', node: '1' }],
        decidedBy: 'run the highest step again with more of its request handlers',
      },
    });
    expect(findings.find(({ code }) => code === 'limit-cause-unknown')?.message).not.toContain('jmx');
  });

  test('a predicted safe maximum below a sustained rate is kept', () => {
    // 80% of the link is reached below the highest sustained rate of 3,000 msg/s.
    const { safeMaxTps } = analyse(flat({ linkBytesPerSecond: 2.2e6 }));
    expect(safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: { resource: 'network-in' } });
  });
});

const suspectsOfKafka = [
  { resource: 'request-handlers', node: '1' },
  { resource: 'network-threads', node: '1' },
  { resource: 'heap', node: '1' },
];
