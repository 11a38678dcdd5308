import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../analyzer/verdict/analyze-run.ts';
import { Analysis } from '../../../core/documents/analysis.ts';
import { examplePolicy } from '../../support/example-policy.ts';
import { SearchCertificate, type Violation } from '../../../core/documents/search-certificate.ts';
import type { LoadTestRun } from '../../../analyzer/evidence/load-test-run.ts';
import { whatIf } from '../../../analyzer/planning/what-if/what-if.ts';
import { noEvents } from '../../../analyzer/evidence/importers/run-events.ts';
import { reports } from '../../../dashboards/reports/analysis/registry.ts';
import { plainRun, withIntervals } from '../../support/load-test-run.ts';
import { placedRun } from '../../support/placed-run.ts';

const policy = examplePolicy();
const short = { ...policy, confirmationSeconds: { ...policy.confirmationSeconds, value: 10 } };

/** A find-safe search that a quota stopped at 5,000 msg/s, after it sustained 4,000 msg/s for the confirmation time. */
function searchedRun(run = plainRun({ linkBytesPerSecond: 1e9 })): LoadTestRun {
  const certificate = SearchCertificate.parse({
    search: 'find-safe',
    endedBecause: 'bounds-met',
    lowerBound: { tps: 4000, conditionalTps: 4000, passed: 1, failed: 0, durationSeconds: 12 },
    upperBounds: [
      {
        tps: 5000,
        criterion: 'produce-quota of broker 1',
        violated: { kind: 'limit' },
        measured: 0.34,
        limit: 0.05,
        unit: 'ratio',
        limitedBy: { resource: 'produce-quota', node: '1' },
        detail: 'throttled 34% of the time',
        failed: 1,
        passed: 0,
      },
    ],
    confidence: { lowerBound: 0.75, upperBound: 0.8, spuriousFailureRatio: 0 },
    trials: [],
    driveSeconds: 60,
  });
  const soak = {
    kind: 'trial' as const,
    elapsedSeconds: 48,
    step: 3,
    startedSeconds: 36,
    targetTps: 4000,
    durationSeconds: 12,
    purpose: 'soak' as const,
    outcome: { kind: 'passed' as const, achievedTps: 4000 },
  };
  return { ...run, certificate, events: { ...noEvents(), trials: [soak] } };
}

const searched = (run?: LoadTestRun, by = short) => Analysis.parse(analyzeRun(searchedRun(run), by));

test('the limit that stopped a search is the limit of the safe maximum', () => {
  expect(searched().safeMaxTps).toMatchObject({
    kind: 'confirmed',
    tps: 4000,
    limitedBy: { resource: 'produce-quota', node: '1' },
  });
});

test('a rate that was held too briefly does not yield a maximum above the rate that the search rejected', () => {
  const predicted = analyzeRun(plainRun(), policy).safeMaxTps;
  expect(predicted).toMatchObject({ kind: 'predicted' });
  expect('tps' in predicted && predicted.tps).toBeGreaterThan(5000);
  expect(searched(plainRun(), policy).safeMaxTps).toEqual({ kind: 'at-least', tps: 4000, reason: 'held-too-briefly' });
});

test('a search for the maximum finds none if its load generator limited the failed trial', () => {
  /** A find-max search whose trial at 5,000 msg/s failed. */
  const saturationOf = (eventLoopUtilisation: number, violated: Violation) => {
    const run = searchedRun(plainRun({ linkBytesPerSecond: 1e9, carried: (rate) => (rate === 5000 ? 0.9 : 1) }));
    const upperBounds = run.certificate?.upperBounds.map((bound) => ({ ...bound, violated, limitedBy: undefined }));
    const certificate = SearchCertificate.parse({ ...run.certificate, search: 'find-max', upperBounds });
    const trials = run.events.trials.map((trial) => ({
      ...trial,
      startedSeconds: 48,
      targetTps: 5000,
      outcome: { ...certificate.upperBounds[0]!, kind: 'failed' as const, achievedTps: 4500 },
    }));
    const produced = run.produced.map((line) => (line.from < 48 ? line : { ...line, eventLoopUtilisation }));
    return analyzeRun({ ...run, produced, certificate, events: { ...run.events, trials } }, short).saturationTps;
  };
  const slo = { kind: 'slo', slo: 'publish-latency' } as const;
  expect(saturationOf(0.1, slo)).toMatchObject({ kind: 'confirmed', tps: 4000, limitedBy: { slo: 'publish-latency' } });
  const none = { kind: 'at-least', tps: 4000, reason: 'generator-limited' };
  expect(saturationOf(0.99, slo)).toEqual(none);
  expect(saturationOf(0.1, { kind: 'host', resource: 'cpu', host: 'generator' })).toEqual(none);
});

test('the report shows the measured value of the limit', () => {
  expect(reports.text.render(searched(), { colours: false })).toMatch(
    /upper bound {2}5,000 msg\/s: produce-quota of broker 1 34 ?%, limit 5 ?% \(throttled 34% of the time\)/,
  );
});

test.each<[string, (number | undefined)[], string, string]>([
  ['violated', [0.01, 0.02, 0.03, 0.08, 0.2], 'was 80 ms during the soak, above its SLO of 50 ms', '超出 SLO 50 ms'],
  ['did not measure', [0.01, 0.02, 0.03, undefined, 0.2], 'was not measured during the soak', '没有'],
])('a rate whose soak %s the SLO is neither confirmed nor sustained', (_, p99s, en, zh) => {
  const run = plainRun({ linkBytesPerSecond: 1e9 });
  const steps = run.steps.map((step, index) => {
    const p99 = p99s[index];
    return p99 === undefined ? step : { ...step, latencySeconds: { p50: 0.001, p99, p999: p99, max: p99 } };
  });
  const slo = { publishLatencyP99: { value: 0.05, source: 'slo in the config' } };
  const { safeMaxTps, held, findings } = searched({ ...run, steps }, { ...short, slo });
  expect(safeMaxTps).toMatchObject({ limitedBy: { slo: 'publish-latency', node: 'cluster' }, tps: 3000 });
  expect(held?.tps).toBe(3000);
  const finding = findings.find(({ code }) => code === 'soak-not-safe');
  expect(finding?.message).toContain(`publish-latency of cluster ${en}`);
  expect(finding?.messageZh).toContain(zh);
  const met = { publishLatencyP99: { value: 0.1, source: 'slo in the config' } };
  const isKept = p99s[3] !== undefined;
  expect(searched({ ...run, steps }, { ...short, slo: met }).held?.tps).toBe(isKept ? 4000 : 3000);
});

test('a rate whose soak was above the policy limit in its busiest seconds is not confirmed, whatever its mean', () => {
  const link = 3.35e6;
  const run = (burst: number) =>
    withIntervals(plainRun({ linkBytesPerSecond: link }), (interval) =>
      interval.from === 40
        ? { ...interval, network: [{ device: 'eth0', inBytesPerSecond: burst * link, outBytesPerSecond: 0 }] }
        : interval,
    );
  expect(searched(run(0.78)).safeMaxTps).toMatchObject({ kind: 'confirmed', tps: 4000 });
  const { safeMaxTps, held, findings } = searched(run(0.9));
  expect([safeMaxTps.kind, held?.tps]).not.toContain('confirmed');
  expect(held?.tps).toBe(3000);
  const finding = findings.find(({ code }) => code === 'soak-not-safe');
  expect(finding?.message).toContain('network-in of broker 1 was at 90% in the busiest seconds (p99) of the soak');
  expect(finding?.messageZh).toContain('90%');
});

test('a rate whose soak ran while other processes filled the CPU that the load generator shares is not confirmed', () => {
  const run = (busyCores: number): LoadTestRun => {
    const plain = withIntervals(plainRun({ linkBytesPerSecond: 1e9 }), (interval) => ({
      ...interval,
      ...(interval.cpu && { cpu: { ...interval.cpu, busyCores } }),
    }));
    const environment = { ...plain.document.environment, generatorHost: 'broker-1' };
    return { ...plain, document: { ...plain.document, environment } };
  };
  const cores = 4;
  expect(searched(run(0.5 * cores)).safeMaxTps).toMatchObject({ kind: 'confirmed', tps: 4000 });
  const { safeMaxTps, findings } = searched(run(0.99 * cores));
  expect(safeMaxTps.kind).not.toBe('confirmed');
  expect(findings.map(({ code }) => code)).toContain('soak-not-safe');
});

test('after a soak with a late sender, no fit predicts a higher rate, and the highest rate below counts', () => {
  const run = plainRun({ carried: (rate) => (rate === 4000 ? 0.9 : 1) });
  const late = { p50: 0.4, p99: 0.8, p999: 0.9, max: 1 };
  const steps = run.steps.map((step) => (step.targetTps === 4000 ? { ...step, sendDelaySeconds: late } : step));
  const { safeMaxTps, findings } = searched({ ...run, steps });
  expect(findings.find(({ code }) => code === 'soak-not-safe')?.message).toContain('4,000 msg/s');
  expect(safeMaxTps).toEqual({ kind: 'at-least', tps: 3000, reason: 'figures-in-doubt' });
});

describe('after losing a broker, a search limit without a fit', () => {
  const ids = ['1', '2', '3'];
  /** @param card bytes per second: more than 5,000 msg/s need, with and without a broker */
  const placed = (leaders: readonly string[], card: number) =>
    placedRun({
      broker: 'kafka',
      cards: Object.fromEntries(ids.map((id) => [id, card])),
      rows: leaders.map((leader) => ({
        leader,
        replicas: [leader, ...ids.filter((id) => id !== leader)],
        partitions: 4,
      })),
      groups: 1,
      rates: [1000, 2000, 3000, 4000, 5000],
      isRecorded: true,
      replicationFactor: 3,
    });

  test.each<[string, typeof short]>([
    ['confirmed', short],
    ['held too briefly', policy],
  ])('leaves the loss of a leader unknown (%s)', (_, by) => {
    const { withoutOne, withoutOneUnknown = [] } = searched(placed(ids, 1e7), by);
    expect(withoutOne).toBeUndefined();
    expect(withoutOneUnknown.map(({ id }) => id)).toEqual(ids);
    for (const { missing } of withoutOneUnknown) expect(missing[0]?.what).toContain('load test without it');
  });

  test('remains the limit after losing a follower', () => {
    const { withoutOne = [], withoutOneUnknown = [] } = searched(placed(['1'], 2e7));
    const limitedBy = { resource: 'produce-quota', node: '1' };
    expect(withoutOne.map(({ id }) => id).toSorted()).toEqual(['2', '3']);
    for (const loss of withoutOne) expect(loss).toMatchObject({ tps: 4000, limitedBy });
    expect(withoutOneUnknown.map(({ id }) => id)).toEqual(['1']);
  });
});

test('a what-if keeps the limit that stopped a search, and does not predict it for larger messages', () => {
  const [same, relieved, heavier] = whatIf(searchedRun(), short, [
    { messageBytes: 500 },
    { nic: 10e9 },
    { messageBytes: 1024 },
  ]);
  const limit = {
    kind: 'predicted',
    tps: 4000,
    interval: { low: 4000, high: 5000 },
    limitedBy: { resource: 'produce-quota', node: '1' },
  };
  expect(same?.safeMaxTps).toMatchObject(limit);
  expect(relieved?.safeMaxTps).toMatchObject(limit);
  expect(heavier?.safeMaxTps).toMatchObject({
    kind: 'unknown',
    missing: [{ what: expect.stringContaining('a load test of the change') as string }],
  });
});
