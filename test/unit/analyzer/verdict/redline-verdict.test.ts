import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../analyzer/verdict/analyze-run.ts';
import { proofOf } from '../../../../analyzer/review/capacity-report/proofs.ts';
import { Analysis } from '../../../../core/documents/analysis.ts';
import type { RedlineBasis } from '../../../../core/documents/redline-basis.ts';
import { readDefaultPolicy } from '../../../../core/policy/policy.ts';
import { plainRun, withIntervals, type PlainRun } from '../../../support/load-test-run.ts';

const basis: RedlineBasis = {
  broker: '1',
  clusterTps: 3000,
  ledTps: { '1': 1000, '2': 1000, '3': 1000 },
  stepShare: 0.05,
  holdSeconds: 600,
  maxMoves: 100,
};
const policy = { ...readDefaultPolicy(), confirmationSeconds: { value: 10, source: 'this test' } };
/** A link of 6.25 MB/s of which 80% may be used: 8,333 led messages of 600 bytes a second. */
const analyzed = (
  change: Partial<PlainRun> = {},
  redline: RedlineBasis = basis,
  status: 'completed' | 'stopped' = 'completed',
) => {
  const run = plainRun({ idleBytes: 0, ...change });
  return analyzeRun({ ...run, status, document: { ...run.document, workload: {}, redline } }, policy);
};
const rates = [1000, 2000, 4000, 6000, 7000, 8000];

test('the maximum of the broker is confirmed, and that of the cluster predicted by leader shares', () => {
  const analysis = analyzed({ rates });
  expect(analysis.run.origin).toBe('redline');
  expect(analysis.redline?.safeMaxTps).toMatchObject({ kind: 'confirmed' });
  const own = analysis.redline?.safeMaxTps;
  const all = analysis.safeMaxTps;
  if (own?.kind !== 'confirmed' || all.kind !== 'predicted') throw new Error(`${own?.kind} ${all.kind}`);
  expect(own.estimateTps).toBeGreaterThan(8000);
  expect(own.estimateTps).toBeLessThan(8400);
  expect(all.estimateTps).toBeCloseTo(3 * own.estimateTps, 6);
  expect(all.tps).toBeLessThanOrEqual(all.estimateTps);
  expect(Analysis.parse(analysis)).toEqual(analysis);
});

test('the broker that leads most decides for the cluster', () => {
  const uneven = { ...basis, ledTps: { '1': 1000, '2': 1500, '3': 500 } };
  const [even, other] = [analyzed({ rates }), analyzed({ rates }, uneven)].map(({ safeMaxTps }) =>
    'estimateTps' in safeMaxTps ? safeMaxTps.estimateTps : 0,
  );
  expect(other).toBeCloseTo((even ?? 0) / 1.5, 6);
});

test('what does not grow with leading lowers the end of the interval, and not the estimate', () => {
  const [lean, busy] = [0, 1_000_000].map(
    (idleBytes) => analyzed({ rates: [1000, 2000, 3000, 4000, 5000, 6000], idleBytes }).safeMaxTps,
  );
  if (lean?.kind !== 'predicted' || busy?.kind !== 'predicted') throw new Error('no prediction');
  expect(busy.tps / busy.estimateTps).toBeLessThan(0.75 * (lean.tps / lean.estimateTps));
  // 5 MB/s over 1.6 MB/s at the usual layout.
  expect(busy.tps).toBeLessThan((3000 * 5e6) / 1.55e6);
});

test('traffic that was 1.5 times as high in the plan as in the first step changes no number', () => {
  const run = { rates: [1000, 2000, 3000, 4000, 5000, 6000], idleBytes: 1_000_000 };
  const higher = { ...basis, clusterTps: 4500, ledTps: { '1': 1500, '2': 1500, '3': 1500 } };
  const [usual, planned] = [basis, higher].map((each) => analyzed(run, each).safeMaxTps);
  if (usual?.kind !== 'predicted' || planned?.kind !== 'predicted') throw new Error('no prediction');
  expect(planned.tps).toBeCloseTo(usual.tps, 6);
});

test('where the first step did not count, a later one that leads more does not raise the bound of the cluster', () => {
  const whole = plainRun({ idleBytes: 1_000_000, rates: [1000, 1500, 2000, 3000, 4000, 5000, 6000] });
  const steps = whole.steps.map((step, index) => (index === 0 ? { ...step, isExcluded: true as const } : step));
  const document = { ...whole.document, workload: {}, redline: basis };
  const { safeMaxTps } = analyzeRun({ ...whole, steps, document }, policy);
  if (safeMaxTps.kind !== 'predicted') throw new Error(safeMaxTps.kind);
  // 5 MB/s over 1.9 MB/s at 1,500 led messages a second, while the cluster carries 3,000.
  expect(safeMaxTps.tps).toBeLessThan((3000 * 5e6) / 1.89e6);
});

test('where the usual layout was not read, the first step that was read bounds the cluster', () => {
  const whole = plainRun({ idleBytes: 1_000_000, rates: [1000, 2000, 3000, 4000, 5000, 6000] });
  const run = withIntervals(whole, ({ network, ...interval }) => ({
    ...interval,
    ...(interval.from >= 12 && network !== undefined && { network }),
  }));
  const { safeMaxTps } = analyzeRun({ ...run, document: { ...run.document, workload: {}, redline: basis } }, policy);
  if (safeMaxTps.kind !== 'predicted') throw new Error(safeMaxTps.kind);
  // 5 MB/s over 2.2 MB/s at 2,000 led messages a second.
  expect(safeMaxTps.tps).toBeLessThan((3000 * 5e6) / 2.19e6);
});

test('a redline that something else stopped states no maximum above what was held', () => {
  const { safeMaxTps, redline } = analyzed({ rates: [1000, 2000, 3000, 4000, 5000] }, basis, 'stopped');
  expect(redline?.safeMaxTps).toMatchObject({ kind: 'at-least', tps: 5000, reason: 'aborted' });
  expect(safeMaxTps).toMatchObject({ kind: 'at-least', reason: 'aborted' });
});

test('a rate that the broker held is a proof, scaled to the cluster', () => {
  const analysis = analyzed({ rates });
  const proof = proofOf({ analysis, source: 'redline' }, 10);
  expect(proof).toMatchObject({ origin: 'redline', source: 'redline' });
  expect(proof?.tps).toBeLessThanOrEqual(3 * 8000);
  expect(proof?.tps).toBeGreaterThan(0.9 * 3 * 8000);
});

test('a resource of which the policy allows all lowers no rate that was held, however full it is', () => {
  const full = withIntervals(plainRun({ idleBytes: 0, rates }), (interval) => ({
    ...interval,
    cpu: { busyCores: 4, iowaitCores: 0, stealCores: 0, cores: 4, hottestCore: 1 },
  }));
  const run = { ...full, document: { ...full.document, workload: {}, redline: basis } };
  const allowed = (cpu: number) => ({
    ...policy,
    limits: { ...policy.limits, cpu: { value: cpu, source: 'this test' } },
  });
  const heldAt = (cpu: number) => analyzeRun(run, allowed(cpu)).redline?.heldClusterTps;
  expect(heldAt(1)).toBeGreaterThan(0.9 * 3 * 8000);
  expect(heldAt(0.7)).toBeUndefined();
});

test('without leaders that get messages nothing is said about the cluster', () => {
  const { safeMaxTps } = analyzed({ rates }, { ...basis, clusterTps: 0, ledTps: {} });
  expect(safeMaxTps).toMatchObject({ kind: 'unknown' });
});
