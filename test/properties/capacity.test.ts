// Checks laws that every verdict keeps for any cluster.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { analyzeRun } from '../../analyzer/verdict/analyze-run.ts';
import { AnalyzerConfig, resolvePolicy } from '../../core/policy/policy-config.ts';
import { examplePolicy } from '../support/example-policy.ts';
import { fitUse, rateAt } from '../../analyzer/verdict/fit/use-law.ts';
import { Analysis } from '../../core/documents/analysis.ts';
import { fullMatrix } from '../support/prerequisites.ts';
import { plainRun, type PlainRun } from '../support/load-test-run.ts';

const policy = examplePolicy();

const link = fc.record({
  cost: fc.double({ min: 50, max: 5000, noNaN: true }),
  idle: fc.double({ min: 0, max: 1e6, noNaN: true }),
});
const rates = fc
  .uniqueArray(fc.integer({ min: 500, max: 50_000 }), { minLength: 3, maxLength: 8 })
  .filter((all) => Math.max(...all) > 1.2 * Math.min(...all));
const noise = fc.array(fc.double({ min: -0.05, max: 0.05, noNaN: true }), { minLength: 8, maxLength: 8 });
const pointsOf = ({ cost, idle }: { cost: number; idle: number }, xs: readonly number[], off: readonly number[] = []) =>
  xs.map((x, index) => ({ x, y: (idle + cost * x) * (1 + (off[index] ?? 0)) }));

test('the fit finds a line without noise exactly, for any intercept', () => {
  fc.assert(
    fc.property(link, rates, fc.double({ min: 1.01, max: 20, noNaN: true }), (truth, xs, factor) => {
      const capacity = truth.idle + truth.cost * Math.max(...xs) * factor;
      const fitted = fitUse(pointsOf(truth, xs));
      expect(fitted && rateAt(fitted.law, capacity)).toBeCloseTo((capacity - truth.idle) / truth.cost, 1);
    }),
  );
});

test('no fitted law has a lower rate at a larger capacity', () => {
  fc.assert(
    fc.property(link, rates, noise, fc.double({ min: 1, max: 10, noNaN: true }), (truth, xs, off, factor) => {
      const fitted = fitUse(pointsOf(truth, xs, off));
      fc.pre(fitted !== undefined);
      const capacity = truth.idle + truth.cost * Math.max(...xs);
      for (const { law } of fitted?.likely ?? []) {
        expect(rateAt(law, capacity * factor)).toBeGreaterThanOrEqual(rateAt(law, capacity));
      }
    }),
  );
});

const cluster: fc.Arbitrary<Partial<PlainRun>> = fc.record({
  linkBytesPerSecond: fc.double({ min: 2e6, max: 2e7, noNaN: true }),
  idleBytes: fc.double({ min: 0, max: 2e5, noNaN: true }),
  bytesPerMessage: fc.double({ min: 100, max: 3000, noNaN: true }),
  coreSecondsPerMessage: fc.double({ min: 1e-6, max: 5e-4, noNaN: true }),
});

const allowing = (network: number, cpu: number) => resolvePolicy(AnalyzerConfig.parse({ policy: { network, cpu } }));

test('a stricter limit never raises the safe maximum', () => {
  const share = fc.double({ min: 0.3, max: 1, noNaN: true });
  fc.assert(
    fc.property(cluster, share, share, (truth, one, other) => {
      const run = plainRun(truth);
      const [strict, loose] = [Math.min(one, other), Math.max(one, other)].map((each) =>
        analyzeRun(run, allowing(each, each)),
      );
      for (const [index, resource] of (strict?.resources ?? []).entries()) {
        expect(resource.safeTps?.low ?? 0).toBeLessThanOrEqual(
          (loose?.resources[index]?.safeTps?.low ?? Number.POSITIVE_INFINITY) * (1 + 1e-9),
        );
      }
      const [few, many] = [strict?.safeMaxTps, loose?.safeMaxTps];
      fc.pre(few?.kind === 'predicted' && many?.kind === 'predicted');
      if (few?.kind === 'predicted' && many?.kind === 'predicted')
        expect(few.tps).toBeLessThanOrEqual(many.tps * (1 + 1e-9));
    }),
    { numRuns: fullMatrix ? 3000 : 40 },
  );
});

test('without idle traffic, the saturation rate is proportional to the link speed', () => {
  fc.assert(
    fc.property(cluster, fc.double({ min: 1, max: 5, noNaN: true }), (truth, factor) => {
      const base = { ...truth, idleBytes: 0 };
      const linkBytesPerSecond = 6000 * (truth.bytesPerMessage ?? 600);
      const full = [1, factor].map((each) => {
        const { resources } = analyzeRun(plainRun({ ...base, linkBytesPerSecond: linkBytesPerSecond * each }), policy);
        return resources.find(({ resource }) => resource === 'network-in')?.saturationTps?.value ?? 0;
      });
      expect((full[1] ?? 0) / (full[0] ?? 1)).toBeCloseTo(factor, 5);
    }),
    { numRuns: fullMatrix ? 3000 : 40 },
  );
});

test('every analysis matches the schema, and its safe maximum never exceeds its saturation', () => {
  const carried = fc.constantFrom(1, 0.999, 0.95, 0.6, 0);
  const shape = fc.tuple(
    cluster,
    fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 6 }),
    carried,
    fc.integer({ min: 1, max: 15 }),
  );
  fc.assert(
    fc.property(shape, ([truth, steps, share, stepSeconds]) => {
      const last = Math.max(...steps);
      const run = plainRun({ ...truth, rates: steps, stepSeconds, carried: (rate) => (rate === last ? share : 1) });
      const { safeMaxTps, saturationTps } = Analysis.parse(analyzeRun(run, policy));
      const safe = 'estimateTps' in safeMaxTps ? safeMaxTps.estimateTps : 0;
      const full = 'estimateTps' in saturationTps ? saturationTps.estimateTps : Number.POSITIVE_INFINITY;
      expect(safe).toBeLessThanOrEqual(full * (1 + 1e-9));
      if ('interval' in safeMaxTps) expect(safeMaxTps.tps).toBe(safeMaxTps.interval.low);
      if (saturationTps.kind === 'confirmed') expect(safeMaxTps.kind).not.toBe('at-least');
    }),
    { numRuns: fullMatrix ? 3000 : 40 },
  );
});
