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
/** A link of 6.25 MB/s with a policy of 80%: 8,333 led msg/s of 600 bytes. */
const analyzed = (
  change: Partial<PlainRun> = {},
  redline: RedlineBasis = basis,
  status: 'completed' | 'stopped' = 'completed',
) => {
  const run = plainRun({ idleBytes: 0, ...change });
  return analyzeRun({ ...run, status, document: { ...run.document, workload: {}, redline } }, policy);
};
const rates = [1000, 2000, 4000, 6000, 7000, 8000];

test('confirms the maximum of the broker, and predicts that of the cluster from leader shares', () => {
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

test('gives no average rate for the retention, because it loads the disks of one broker only', () => {
  const run = plainRun({ rates, stepSeconds: 30 });
  const keeping = { ...policy, retentionSeconds: { value: 259_200, source: 'config' } };
  const disk = { device: 'sda', busy: 0.1, writtenBytesPerSecond: 1e6 };
  const written = withIntervals(run, (interval) => ({ ...interval, disks: [disk] }));
  const [series] = written.hosts.values();
  if (series === undefined) throw new Error('no host');
  const inventory = {
    host: series.host,
    disks: [{ device: 'sda', sizeBytes: 1e12 }],
    writeback: { expireSeconds: 5, dirtyThresholdBytes: 1e6 },
  };
  const kept = { ...written, hosts: new Map([[series.host, { ...series, inventory }]]) };
  const of = (redline?: RedlineBasis) =>
    analyzeRun({ ...kept, document: { ...run.document, ...(redline && { workload: {}, redline }) } }, keeping);
  expect(of().retention).toBeDefined();
  expect(of(basis).retention).toBeUndefined();
  expect(of(basis).findings.find(({ code }) => code === 'retention-unknown')?.message).toContain(
    'A redline loads the disks of one broker only',
  );
});

test('the broker with the largest leader share limits the cluster', () => {
  const uneven = { ...basis, ledTps: { '1': 1000, '2': 1500, '3': 500 } };
  const [even, other] = [analyzed({ rates }), analyzed({ rates }, uneven)].map(({ safeMaxTps }) =>
    'estimateTps' in safeMaxTps ? safeMaxTps.estimateTps : 0,
  );
  expect(other).toBeCloseTo((even ?? 0) / 1.5, 6);
});

test('use that does not grow with leadership lowers the lower bound of the interval, not the estimate', () => {
  const [lean, busy] = [0, 1_000_000].map(
    (idleBytes) => analyzed({ rates: [1000, 2000, 3000, 4000, 5000, 6000], idleBytes }).safeMaxTps,
  );
  if (lean?.kind !== 'predicted' || busy?.kind !== 'predicted') throw new Error('no prediction');
  expect(busy.tps / busy.estimateTps).toBeLessThan(0.75 * (lean.tps / lean.estimateTps));
  // 5 MB/s divided by 1.6 MB/s at the usual layout.
  expect(busy.tps).toBeLessThan((3000 * 5e6) / 1.55e6);
});

test('traffic 1.5 times as high in the plan as in the first step changes no figure', () => {
  const run = { rates: [1000, 2000, 3000, 4000, 5000, 6000], idleBytes: 1_000_000 };
  const higher = { ...basis, clusterTps: 4500, ledTps: { '1': 1500, '2': 1500, '3': 1500 } };
  const [usual, planned] = [basis, higher].map((each) => analyzed(run, each).safeMaxTps);
  if (usual?.kind !== 'predicted' || planned?.kind !== 'predicted') throw new Error('no prediction');
  expect(planned.tps).toBeCloseTo(usual.tps, 6);
});

test('if the first step is excluded, a later step with more leaders does not raise the bound of the cluster', () => {
  const whole = plainRun({ idleBytes: 1_000_000, rates: [1000, 1500, 2000, 3000, 4000, 5000, 6000] });
  const steps = whole.steps.map((step, index) => (index === 0 ? { ...step, isExcluded: true as const } : step));
  const document = { ...whole.document, workload: {}, redline: basis };
  const { safeMaxTps } = analyzeRun({ ...whole, steps, document }, policy);
  if (safeMaxTps.kind !== 'predicted') throw new Error(safeMaxTps.kind);
  // 5 MB/s divided by 1.9 MB/s at 1,500 led msg/s, while the cluster has 3,000.
  expect(safeMaxTps.tps).toBeLessThan((3000 * 5e6) / 1.89e6);
});

test('if the usual layout has no readings, the first step with readings bounds the cluster', () => {
  const whole = plainRun({ idleBytes: 1_000_000, rates: [1000, 2000, 3000, 4000, 5000, 6000] });
  const run = withIntervals(whole, ({ network, ...interval }) => ({
    ...interval,
    ...(interval.from >= 12 && network !== undefined && { network }),
  }));
  const { safeMaxTps } = analyzeRun({ ...run, document: { ...run.document, workload: {}, redline: basis } }, policy);
  if (safeMaxTps.kind !== 'predicted') throw new Error(safeMaxTps.kind);
  // 5 MB/s divided by 2.2 MB/s at 2,000 led msg/s.
  expect(safeMaxTps.tps).toBeLessThan((3000 * 5e6) / 2.19e6);
});

test('a redline test stopped for another reason has no maximum above the highest sustained rate', () => {
  const { safeMaxTps, redline } = analyzed({ rates: [1000, 2000, 3000, 4000, 5000] }, basis, 'stopped');
  expect(redline?.safeMaxTps).toMatchObject({ kind: 'at-least', tps: 5000, reason: 'aborted' });
  expect(safeMaxTps).toMatchObject({ kind: 'at-least', reason: 'aborted' });
});

test('a rate that the broker sustained is a proof, scaled to the cluster', () => {
  const analysis = analyzed({ rates });
  const proof = proofOf({ analysis, source: 'redline' }, 10);
  expect(proof).toMatchObject({ origin: 'redline', source: 'redline' });
  expect(proof?.tps).toBeLessThanOrEqual(3 * 8000);
  expect(proof?.tps).toBeGreaterThan(0.9 * 3 * 8000);
});

test('a resource with a policy limit of 100% lowers no sustained rate, even if it is saturated', () => {
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

test('without leaders that receive messages, the safe maximum of the cluster is unknown', () => {
  const { safeMaxTps } = analyzed({ rates }, { ...basis, clusterTps: 0, ledTps: {} });
  expect(safeMaxTps).toMatchObject({ kind: 'unknown' });
});
