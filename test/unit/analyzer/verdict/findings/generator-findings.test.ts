import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import type { LoadTestRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import type { Calibration } from '../../../../../core/documents/generator-calibration.ts';
import { plainRun } from '../../../../support/load-test-run.ts';

const policy = examplePolicy();
const times = (p50: number, p99: number) => ({ p50, p99, p999: p99, max: p99 });

const calibration: Calibration = {
  measuredAt: '2026-01-01T00:00:00.000Z',
  floors: [
    {
      targetTps: 1000,
      achievedTps: 1000,
      serviceSeconds: { p50: 0.001, p99: 0.002 },
      workerCpu: 0.1,
      eventLoopUtilisation: 0.1,
    },
  ],
  ceiling: { tps: 5500, workerCpu: 0.5, eventLoopUtilisation: 0.5 },
};

/** @param service service time of each step, from send to acknowledgement */
function calibrated(run: LoadTestRun, service: (rate: number) => ReturnType<typeof times>): LoadTestRun {
  const steps = run.steps.map((step) => ({ ...step, serviceSeconds: service(step.targetTps ?? 0) }));
  return { ...run, steps, document: { ...run.document, calibration } };
}

const told = (run: LoadTestRun) =>
  analyzeRun(run, policy)
    .findings.filter(({ code }) => code === 'generator-limited')
    .map(({ message }) => message);

describe('a step that achieved its rate', () => {
  const few = plainRun({ rates: [1000, 2000, 3000] });

  test('is sustained, and its latency is attributed to the generator if it is close to that of the null broker', () => {
    const run = calibrated(few, (rate) => (rate < 3000 ? times(0.002, 0.005) : times(0.01, 0.05)));
    expect(analyzeRun(run, policy).steps.map(({ verdict }) => verdict.kind)).toEqual([
      'sustained',
      'sustained',
      'sustained',
    ]);
    expect(told(run)).toEqual([expect.stringMatching(/^At 1,000, 2,000 msg\/s latency was less than three times/)]);
  });

  test('is reported if it used more than 85% of the calibrated maximum of the generator', () => {
    const run = calibrated(plainRun(), () => times(0.01, 0.05));
    expect(told(run)).toEqual([expect.stringContaining('used more than 85% of its calibrated maximum')]);
    expect(told(run)[0]).toContain('At 5,000 msg/s');
  });

  test('has no finding far from the calibrated maximum and latency', () =>
    expect(told(calibrated(few, () => times(0.01, 0.05)))).toEqual([]));
  test('is not compared without a calibration', () => expect(told(few)).toEqual([]));
});

describe('a step that missed its rate with every resource idle', () => {
  const missed = plainRun({ carried: (rate) => (rate === 5000 ? 0.94 : 1), linkBytesPerSecond: 1e9 });
  const verdictOf = (run: LoadTestRun) => analyzeRun(run, policy).steps[4]?.verdict;

  test('is limited by the generator if it was near the calibrated maximum', () => {
    const run = calibrated(missed, () => times(0.01, 0.05));
    expect(verdictOf(run)).toEqual({ kind: 'invalid', reason: 'generator-limited' });
    expect(told(run)[0]).toContain('of the 5,500 msg/s that its threads can send');
  });

  test('is limited by the generator if the broker was as fast as the null broker', () => {
    const roomy = { ...calibration, ceiling: { ...calibration.ceiling, tps: 100_000 } };
    const run = calibrated(missed, () => times(0.002, 0.005));
    const judged = { ...run, document: { ...run.document, calibration: roomy } };
    expect(verdictOf(judged)).toEqual({ kind: 'invalid', reason: 'generator-limited' });
    expect(verdictOf({ ...missed, document: { ...missed.document, calibration: roomy } })?.kind).toBe('saturated');
    expect(told({ ...missed, document: { ...missed.document, calibration: roomy } })).toEqual([]);
  });
});

test('a generator that limited every step is the first finding and the reason for a missing safe maximum', () => {
  // A search decreases the rate as well as increasing it.
  const rates = [4000, 6000, 2000, 3000];
  const run = plainRun({ rates, carried: () => 0.6 });
  const busy = { eventLoopUtilisation: 0.95 };
  const { safeMaxTps, saturationTps, findings } = analyzeRun(
    { ...run, produced: run.produced.map((line) => ({ ...line, ...busy })) },
    policy,
  );
  const missing = expect.arrayContaining([
    { what: 'a step that the load generator did not limit', node: 'cluster' },
  ]) as unknown;
  expect([safeMaxTps, saturationTps]).toEqual([
    { kind: 'unknown', missing },
    { kind: 'unknown', missing },
  ]);
  expect(findings[0]?.code).toBe('generator-limited');
  // All steps have the same cause, so one finding is enough; the table of steps names each.
  const [ofGenerator, ...more] = findings.filter(({ code }) => code === 'generator-limited');
  expect(more).toEqual([]);
  expect(ofGenerator?.message).toContain('2,000 msg/s');
});
