import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { analyzeBundle } from '../../../../../analyzer/verdict/analyze.ts';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { AnalyzerConfig, resolvePolicy } from '../../../../../core/policy/policy-config.ts';
import { fitLatency, rateOfLatency } from '../../../../../analyzer/verdict/fit/latency-law.ts';
import { Analysis } from '../../../../../core/documents/analysis.ts';
import type { LoadTestRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import { plainRun } from '../../../../support/load-test-run.ts';

const promising = (slo: object) => resolvePolicy(AnalyzerConfig.parse({ slo }));
const rates = [2000, 3000, 4000, 5000, 6000, 7000];

/** Latency of a queue whose server saturates at 8,000 msg/s. */
const latencyAt = (rate: number) => 0.002 + (0.004 * rate) / (8000 - rate);

function queued(change: (rate: number) => number = latencyAt, asked: readonly number[] = rates) {
  const run = plainRun({ rates: asked });
  const steps = run.steps.map((step) => {
    const p99 = change(step.targetTps ?? 0);
    return { ...step, latencySeconds: { p50: p99 / 2, p99, p999: 2 * p99, max: 3 * p99 } };
  });
  return { ...run, steps };
}

const judged = (run: Parameters<typeof analyzeRun>[0], slo: object) => Analysis.parse(analyzeRun(run, promising(slo)));
const codes = ({ findings }: Analysis) => findings.map(({ code }) => code);

describe('a latency SLO', () => {
  test('is the limit at the rate between two steps at which it was violated', () => {
    const { safeMaxTps } = judged(queued(), { publishLatencyP99: '15ms' });
    if (safeMaxTps.kind !== 'predicted') throw new Error(safeMaxTps.kind);
    expect(safeMaxTps.limitedBy).toEqual({ slo: 'publish-latency', node: 'cluster' });
    expect(safeMaxTps.tps).toBeCloseTo(6000, 6);
    expect(safeMaxTps.interval.high).toBeCloseTo(7000, -1);
  });

  test('is no limit if only the first step of a run violated it, and the violation is reported', async () => {
    const run = fileURLToPath(new URL('../../../../../examples/load-test/', import.meta.url));
    const of = (publishLatencyP99: string) => analyzeBundle(run, promising({ publishLatencyP99 }));
    // The p99 of its five steps, from 395 to 1,908 msg/s: 13.2, 12.6, 9.6, 11.8 and 12.1 ms.
    const [kept, cold, broken] = await Promise.all([of('20ms'), of('13ms'), of('12ms')]);
    expect(kept.safeMaxTps).toMatchObject({ tps: expect.closeTo(2411, 0) as number });
    expect(cold.safeMaxTps).toEqual(kept.safeMaxTps);
    expect(cold.findings.find(({ code }) => code === 'slo-missed-cold')?.message).toMatch(
      /exceeded 13 ms at the start of the run \(13.2 ms at 395 msg\/s\)/,
    );
    expect(codes(kept)).not.toContain('slo-missed-cold');
    // Two cold steps, and a limit in the last one.
    expect(broken.safeMaxTps).toMatchObject({
      limitedBy: { slo: 'publish-latency', node: 'cluster' },
      interval: { low: expect.closeTo(1479, 0) as number, high: expect.closeTo(1908, 0) as number },
    });
  });

  test('is a limit if a step violated it after a lower one met it, although a higher one met it again', () => {
    const { safeMaxTps } = judged(
      queued((rate) => (rate === 4000 ? 0.05 : 0.003)),
      { publishLatencyP99: '15ms' },
    );
    expect(safeMaxTps).toMatchObject({
      estimateTps: expect.closeTo(3500, 0) as number,
      limitedBy: { slo: 'publish-latency' },
    });
  });

  test('is a limit at the start, unless as many later steps met it at that rate in a recorded order', () => {
    const of = (
      p99s: readonly number[],
      { asked = rates, change = {}, background = [] as LoadTestRun['events']['background'] } = {},
    ) => {
      const run = queued(undefined, asked);
      const steps = run.steps.map((step, index) => {
        const p99 = p99s[index] ?? 0;
        return { ...step, latencySeconds: { p50: p99, p99, p999: p99, max: p99 } };
      });
      const document = { ...run.document, ...change };
      return codes(
        judged({ ...run, document, steps, events: { ...run.events, background } }, { publishLatencyP99: '15ms' }),
      ).includes('slo-missed-cold');
    };
    expect(of([0.02, 0.01, 0.01, 0.01, 0.01, 0.01])).toBe(true);
    expect(of([0.02, 0.02, 0.02, 0.01, 0.01, 0.01])).toBe(true);
    expect(of([0.02, 0.02, 0.02, 0.02, 0.01, 0.01])).toBe(false);
    const down = [7000, 6000, 5000, 4000, 3000, 2000];
    expect(of([0.02, 0.02, 0.01, 0.01, 0.01, 0.01], { asked: down })).toBe(false);
    expect(of([0.02, 0.01, 0.02, 0.01], { asked: [4000, 2000, 3000, 7000] })).toBe(true);
    const background = [
      { kind: 'background' as const, elapsedSeconds: 10, intervalSeconds: 10, messagesPerSecond: 20_000 },
    ];
    expect(of([0.02, 0.01, 0.01, 0.01, 0.01, 0.01], { background })).toBe(false);
    // Files without times are in the order in which they were named.
    const ofFiles = { sources: [{ name: 'a.txt', format: 'kafka-producer-perf', sha256: 'a'.repeat(64), flags: [] }] };
    expect(of([0.02, 0.01, 0.01, 0.01, 0.01, 0.01], { change: ofFiles })).toBe(false);
  });

  test('leaves no safe maximum if every step violated it, and reports the lowest violating rate', () => {
    const analysis = judged(queued(), { publishLatencyP99: '2ms' });
    expect(analysis.safeMaxTps).toMatchObject({
      kind: 'unknown',
      missing: [{ what: 'a sustained step that keeps every SLO', node: 'cluster' }],
      below: { tps: expect.closeTo(2000, 3) as number, limitedBy: { slo: 'publish-latency', node: 'cluster' } },
    });
    const missed = analysis.findings.find(({ code }) => code === 'slo-missed');
    expect([missed?.severity, missed?.message]).toEqual([
      'warning',
      expect.stringMatching(/exceeded 2 ms in every step that was judged, from 2,000 msg\/s on/),
    ]);
  });

  test('is the limit if only the step at which the guard stopped the load violated it', () => {
    const stopped = (rate: number) => {
      const run = queued(undefined, [2000, rate]);
      const last = {
        kind: 'guard',
        input: 'p99',
        reason: 'p99 exceeded',
        value: 0.03,
        limit: 0.02,
        ends: 'run',
      } as const;
      const guard = [{ ...last, elapsedSeconds: run.steps[1]?.to ?? 0 }];
      return judged({ ...run, status: 'stopped', events: { ...run.events, guard } }, { publishLatencyP99: '15ms' });
    };
    const { safeMaxTps, testedTps } = stopped(7000);
    expect(safeMaxTps).toMatchObject({ limitedBy: { slo: 'publish-latency' }, interval: { low: 2000, high: 7000 } });
    expect(testedTps).toEqual({ low: 2000, high: 7000 });
    // A guard that stops below the SLO does not show that it is met.
    expect(stopped(4000).findings.find(({ code }) => code === 'slo-kept')?.message).toContain('2,000');
  });

  test('has only the target rate as upper bound if a step violated it far below its target', () => {
    const run = queued(() => 0.3, [4000]);
    const produced = run.produced.map((line) => ({ ...line, acknowledged: line.acknowledged / 2 }));
    const { safeMaxTps } = judged({ ...run, produced }, { publishLatencyP99: '2ms' });
    expect(safeMaxTps).toMatchObject({ kind: 'unknown', below: { tps: 4000 } });
  });

  test('is the limit if it is predicted to be violated just above the tested rates, and is flagged as extrapolated', () => {
    const analysis = judged(queued(), { publishLatencyP99: '40ms' });
    const { safeMaxTps } = analysis;
    if (safeMaxTps.kind !== 'predicted') throw new Error(safeMaxTps.kind);
    expect(safeMaxTps.limitedBy).toEqual({ slo: 'publish-latency', node: 'cluster' });
    expect(safeMaxTps.estimateTps / (8000 * (0.038 / 0.042))).toBeCloseTo(1, 1);
    expect(codes(analysis)).toContain('slo-extrapolated');
  });

  test('allows no prediction past the rate at which its law expects a violation, however far that is', () => {
    // The steps end at 5,000 msg/s, the card allows 8,300, and the queue is full at 8,000.
    const analysis = judged(queued(latencyAt, [1000, 2000, 3000, 4000, 5000]), { publishLatencyP99: '20ms' });
    expect(analysis.safeMaxTps).toEqual({ kind: 'at-least', tps: 5000, reason: 'no-limit-reached' });
    expect(codes(analysis)).toContain('slo-kept');
  });

  test('is not the limit if latency stays far below it, and the highest rate within it is reported', () => {
    const analysis = judged(
      queued(() => 0.003),
      { publishLatencyP99: '40ms' },
    );
    expect(analysis.safeMaxTps).toMatchObject({ limitedBy: { resource: 'network-in' } });
    expect(analysis.findings.find(({ code }) => code === 'slo-kept')?.message).toContain('7,000');
  });

  test('is reported if no step measured it, and a step without a measurement is no evidence for its rate', () => {
    const ofMeasured = (measured: number) => {
      const run = queued(() => 0.003);
      const steps = run.steps.map(({ latencySeconds, ...step }, index) =>
        index < measured ? { ...step, latencySeconds } : step,
      );
      return judged({ ...run, steps }, { publishLatencyP99: '40ms' });
    };
    const unmeasured = ofMeasured(0).findings.find(({ code }) => code === 'slo-unmeasured');
    expect(unmeasured?.message).toMatch(/not measured in any step.*40 ms/);
    expect(codes(ofMeasured(4))).not.toContain('slo-unmeasured');
    const tpsOf = ({ safeMaxTps }: Analysis) => ('tps' in safeMaxTps ? safeMaxTps.tps : 0);
    expect(tpsOf(ofMeasured(4))).toBeLessThanOrEqual(tpsOf(ofMeasured(6)));
  });

  test('is listed as the next limit if a link saturates first', () => {
    const { nextCeiling, binding } = judged(
      queued((rate) => latencyAt(rate) / 3),
      { publishLatencyP99: '25ms' },
    );
    expect([nextCeiling?.limitedBy, ...(binding ?? []).map(({ limitedBy }) => limitedBy)]).toContainEqual({
      slo: 'publish-latency',
      node: 'cluster',
    });
  });

  test('never allows a lower rate if its bound is looser', () => {
    const at = (bound: string) => {
      const { safeMaxTps } = judged(queued(), { publishLatencyP99: bound });
      return 'tps' in safeMaxTps ? safeMaxTps.tps : 0;
    };
    const allowed = ['5ms', '8ms', '15ms', '25ms', '40ms'].map(at);
    expect(allowed).toEqual(allowed.toSorted((a, b) => a - b));
  });
});

test('a run without consumer groups does not measure an SLO for time lag', () => {
  const run = queued(() => 0.003);
  const unmeasured = judged(run, { lagTime: '30s' }).findings.find(({ code }) => code === 'slo-unmeasured');
  expect(unmeasured?.message).toMatch(/consumer-lag of .* not measured in any step.*30 s/);
});

test('an SLO for send errors is the limit at the step that violated it', () => {
  const run = queued();
  const produced = run.produced.map((line) =>
    line.intended === 7000 ? { ...line, acknowledged: 6998, failed: 2 } : line,
  );
  const { safeMaxTps } = judged({ ...run, produced }, { sendErrors: 0.0001 });
  if (safeMaxTps.kind !== 'predicted') throw new Error(safeMaxTps.kind);
  expect(safeMaxTps.limitedBy).toEqual({ slo: 'send-errors', node: 'cluster' });
  expect(safeMaxTps.tps).toBeCloseTo(6000, 6);
});

test('send errors in the first step are no cold start', () => {
  const run = queued();
  const produced = run.produced.map((line) =>
    line.intended === 2000 ? { ...line, acknowledged: 1998, failed: 2 } : line,
  );
  const analysis = judged({ ...run, produced }, { sendErrors: 0.0001 });
  expect(codes(analysis)).not.toContain('slo-missed-cold');
  expect(analysis.safeMaxTps).toMatchObject({ limitedBy: { slo: 'send-errors' } });
});

describe('the latency law of a queue', () => {
  const points = rates.map((x) => ({ x, y: latencyAt(x) }));

  test('is fitted to latencies of a queue', () => {
    const law = fitLatency(points);
    expect(law?.full).toBeCloseTo(8000, -2);
    expect(law && rateOfLatency(law, latencyAt(7500))).toBeCloseTo(7500, -2);
  });

  test('is not fitted to a constant latency', () => {
    expect(fitLatency(points.map(({ x }) => ({ x, y: 0.004 })))).toBeUndefined();
  });
});
