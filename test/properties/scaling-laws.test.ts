// Checks properties of scaling laws and queues for any parameters.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { meanValueAnalysis, responseBound, saturationPoint, throughputBound } from '../support/closed-network.ts';
import { fitScaling } from '../../analyzer/verdict/fit/laws/fit-scaling.ts';
import { responseSeconds, squareRootStaffing, utilisationAtWait, waitingProbability } from '../support/many-servers.ts';
import { normalNumbers, uniformNumbers } from '../support/known-noise.ts';
import {
  concurrencyAtLatency,
  concurrencyAtThroughput,
  latencyAt,
  peakOf,
  throughputAt,
  type ScalingLaw,
} from '../../analyzer/verdict/fit/laws/scaling-law.ts';
import { scalingOf } from '../../analyzer/verdict/fit/laws/scaling.ts';
import { fullMatrix } from '../support/prerequisites.ts';

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const lawOf = (kappa: fc.Arbitrary<number>): fc.Arbitrary<ScalingLaw> =>
  fc.record({ lambda: between(1, 1e5), sigma: fc.oneof(fc.constant(0), between(0, 0.6)), kappa });
const anyLaw = lawOf(fc.oneof(fc.constant(0), between(1e-6, 0.1)));
const peaked = lawOf(between(1e-5, 0.05));
const levels = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64];
const stepsOf = (law: ScalingLaw, factor: (index: number) => number = () => 1) =>
  levels.map((concurrency, index) => ({ concurrency, throughput: throughputAt(law, concurrency) * factor(index) }));

test('the concurrency found for a throughput reaches it, and a lower one does not', () => {
  fc.assert(
    fc.property(anyLaw, between(1, 200), (law, concurrency) => {
      const n = Math.min(concurrency, peakOf(law)?.concurrency ?? concurrency);
      const found = concurrencyAtThroughput(law, throughputAt(law, n) * (1 - 1e-9));
      expect((found ?? 0) / n).toBeGreaterThan(0.99);
      expect((found ?? 0) / n).toBeLessThan(1 + 1e-6);
      expect(throughputAt(law, found ?? 0) / throughputAt(law, n)).toBeCloseTo(1, 7);
    }),
  );
});

test('no concurrency exceeds the throughput of the peak, and none is found for a higher throughput', () => {
  fc.assert(
    fc.property(peaked, between(1.000_001, 10), between(1, 1000), (law, factor, concurrency) => {
      const peak = peakOf(law);
      if (peak === undefined) throw new Error('no peak');
      expect(throughputAt(law, concurrency)).toBeLessThanOrEqual(peak.throughput * (1 + 1e-12));
      expect(concurrencyAtThroughput(law, peak.throughput * factor)).toBeUndefined();
    }),
  );
});

test('the concurrency found for a latency has that latency, which follows Little’s law', () => {
  fc.assert(
    fc.property(anyLaw, between(1, 1000), (law, concurrency) => {
      const seconds = latencyAt(law, concurrency);
      expect((throughputAt(law, concurrency) * seconds) / concurrency).toBeCloseTo(1, 9);
      const found = concurrencyAtLatency(law, seconds);
      if (law.sigma === 0 && law.kappa === 0) expect(found).toBeUndefined();
      else if (law.sigma > 1e-4 || law.kappa > 1e-4) expect((found ?? 0) / concurrency).toBeCloseTo(1, 5);
    }),
  );
});

test('fitting steps without noise finds their law', () => {
  fc.assert(
    fc.property(
      fc.record({ lambda: between(1, 1e5), sigma: between(0.001, 0.5), kappa: between(1e-4, 0.05) }),
      (truth) => {
        const { law } = fitScaling(stepsOf(truth));
        for (const n of [1, 10, 64, 90]) expect(throughputAt(law, n) / throughputAt(truth, n)).toBeCloseTo(1, 4);
      },
    ),
    { numRuns: fullMatrix ? 300 : 25 },
  );
});

test('the unit of throughput changes only the throughputs, and the order of the steps changes nothing', () => {
  fc.assert(
    fc.property(peaked, between(1e-3, 1e3), fc.integer({ min: 1, max: 1e6 }), (truth, factor, seed) => {
      const normal = normalNumbers(uniformNumbers(seed));
      const points = stepsOf(truth, () => 1 + 0.01 * normal());
      const [one, other] = [
        scalingOf(points),
        scalingOf(points.map((step) => ({ ...step, throughput: step.throughput * factor })).toReversed()),
      ];
      if (one.kind !== 'fitted' || other.kind !== 'fitted') throw new Error('no fit');
      expect(other.model).toBe(one.model);
      expect(other.law.lambda / one.law.lambda / factor).toBeCloseTo(1, 4);
      expect(other.r2).toBeCloseTo(one.r2, 6);
      expect(other.knee?.concurrency).toBe(one.knee?.concurrency);
      expect((other.peak?.concurrency ?? 1) / (one.peak?.concurrency ?? 1)).toBeCloseTo(1, 4);
      expect(scalingOf(points.toReversed())).toEqual(one);
    }),
    { numRuns: fullMatrix ? 100 : 5 },
  );
});

test('a peak requires a step that lost 5 %, and exceeds the last step by at most 12.5 %', () => {
  fc.assert(
    fc.property(anyLaw, fc.integer({ min: 1, max: 1e6 }), between(0, 0.02), (truth, seed, noise) => {
      const normal = normalNumbers(uniformNumbers(seed));
      const points = stepsOf(truth, () => Math.max(0.5, 1 + noise * normal()));
      const scaling = scalingOf(points);
      if (scaling.kind !== 'fitted') throw new Error(scaling.message);
      const rates = points.map(({ concurrency, throughput }) => throughput / concurrency);
      const lost = Math.max(...rates.map((rate, i) => 1 - rate / Math.max(...rates.slice(0, i + 1))));
      if (lost < 0.05 || scaling.model !== 'usl')
        expect([scaling.peak, scaling.atLeast]).toEqual([undefined, undefined]);
      if (scaling.peak) {
        const { concurrency, throughput, interval } = scaling.peak;
        expect(concurrency).toBeLessThanOrEqual(1.125 * 64);
        expect(scaling.atLeast).toBeUndefined();
        expect(interval.low).toBeLessThanOrEqual(throughput);
        expect(interval.high ?? Infinity).toBeGreaterThanOrEqual(throughput);
        expect(interval.concurrency.low).toBeLessThanOrEqual(concurrency);
        expect(interval.concurrency.high ?? Infinity).toBeGreaterThanOrEqual(concurrency);
      }
    }),
    { numRuns: fullMatrix ? 200 : 15 },
  );
});

test('waiting falls with servers and rises with load, and utilisation is found for a waiting probability', () => {
  const servers = fc.integer({ min: 1, max: 200 });
  fc.assert(
    fc.property(servers, between(0.01, 0.98), between(0.001, 0.9), (count, rho, wait) => {
      expect(waitingProbability(count + 1, rho * count)).toBeLessThanOrEqual(waitingProbability(count, rho * count));
      expect(waitingProbability(count, rho * count * 1.01)).toBeGreaterThanOrEqual(
        waitingProbability(count, rho * count),
      );
      const utilisation = utilisationAtWait(count, wait);
      expect(waitingProbability(count, utilisation * count)).toBeCloseTo(wait, 6);
      expect(utilisationAtWait(count + 1, wait)).toBeGreaterThan(utilisation);
      const station = { servers: count, arrivalsPerSecond: rho * count * 100, serviceSeconds: 0.01 };
      expect(responseSeconds(station)).toBeGreaterThanOrEqual(0.01);
      expect(squareRootStaffing(rho * count, wait)).toBeGreaterThan(rho * count);
    }),
  );
});

test('one server equals the M/M/1 queue, and an overloaded station never responds', () => {
  fc.assert(
    fc.property(between(0.01, 0.99), (rho) => {
      expect(waitingProbability(1, rho)).toBeCloseTo(rho, 9);
      const seconds = responseSeconds({ servers: 1, arrivalsPerSecond: rho, serviceSeconds: 1 });
      expect(seconds * (1 - rho)).toBeCloseTo(1, 9);
    }),
  );
  expect(responseSeconds({ servers: 3, arrivalsPerSecond: 4, serviceSeconds: 1 })).toBe(Infinity);
});

test('mean value analysis stays within its bounds and follows Little’s law, and more workers never slow it down', () => {
  const network = fc.record({
    demands: fc.array(between(0.001, 5), { minLength: 1, maxLength: 6 }),
    thinkSeconds: between(0, 30),
  });
  fc.assert(
    fc.property(network, fc.integer({ min: 1, max: 60 }), (shape, workers) => {
      const { throughput, responseSeconds: response, queues } = meanValueAnalysis(shape, workers);
      expect(throughput).toBeLessThanOrEqual(throughputBound(shape, workers) * (1 + 1e-9));
      expect(response).toBeGreaterThanOrEqual(responseBound(shape, workers) * (1 - 1e-9));
      expect(meanValueAnalysis(shape, workers + 1).throughput).toBeGreaterThanOrEqual(throughput * (1 - 1e-12));
      const inside = queues.reduce((sum, queue) => sum + queue, 0);
      expect(inside + throughput * shape.thinkSeconds).toBeCloseTo(workers, 6);
      const latencySeconds = response + shape.thinkSeconds;
      expect((throughput * latencySeconds) / workers).toBeCloseTo(1, 9);
      const asymptotesMeet = saturationPoint(shape);
      expect(throughputBound(shape, asymptotesMeet)).toBeCloseTo(1 / Math.max(...shape.demands), 6);
    }),
  );
});
