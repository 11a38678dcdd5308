import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SearchCertificate } from '../../core/documents/search-certificate.ts';
import { messagesPerSecond } from '../../core/units.ts';
import { createRateGrid, roundDown } from '../../loadgen/search/rate-grid.ts';
import { FindMaxOptions, FindSafeOptions } from '../../loadgen/search/search-options.ts';
import { createSearch } from '../../loadgen/search/search.ts';
import { search } from '../support/searched-cluster.ts';
import { createRateCluster, drawRateCluster } from '../truth/rate-cluster.ts';

const clusters = 1000;
/** One trial in seven is disturbed, and buffers last half a second at capacity. */
const population = { spurious: 0.15, noise: 0.01, mostBurstSeconds: 0.5 };

function findMax(seed: number, over: Record<string, unknown> = {}) {
  const { truth, start } = drawRateCluster(seed, population);
  const options = { ...FindMaxOptions.parse({ kind: 'find-max', ...over }), start: messagesPerSecond(start) };
  return { truth, ...search(createRateCluster(truth), truth.capacity, createSearch(options)) };
}

function findSafe(seed: number, over: Record<string, unknown> = {}) {
  const { truth, start } = drawRateCluster(seed, population);
  const options = { ...FindSafeOptions.parse({ kind: 'find-safe', ...over }), start: messagesPerSecond(start / 5) };
  return { truth, options, ...search(createRateCluster(truth), truth.capacity, createSearch(options)) };
}

describe('find-max on 1,000 clusters with 15 % spurious failures', () => {
  const searched = Array.from({ length: clusters }, (_, index) => findMax(index + 1));
  const shares = searched.map(({ truth, step }) => (step.certificate.lowerBound?.tps ?? 0) / truth.capacity);

  test('ends within 10 % below the true capacity on 99 % of them', () => {
    expect(shares.filter((share) => share >= 0.9).length).toBeGreaterThanOrEqual(0.99 * clusters);
  });

  test('never ends more than 2 % above the true capacity', () => {
    expect(shares.filter((share) => share > 1.02)).toEqual([]);
  });

  test('needs at most 20 trials on average, including confirmations', () => {
    const trials = searched.reduce((sum, { history }) => sum + history.length, 0);
    expect(trials / clusters).toBeLessThanOrEqual(20);
  });

  test('is right as often as its stated confidence', () => {
    const bounded = searched.flatMap(({ truth, step: { certificate } }) => {
      const { lowerBound, upperBounds, confidence } = certificate;
      const [upper] = upperBounds;
      if (lowerBound === undefined || upper === undefined) return [];
      const isRight = lowerBound.tps <= truth.capacity * 1.01 && upper.tps >= truth.capacity * 0.99;
      return [{ isRight, stated: (confidence?.lowerBound ?? 0) * (confidence?.upperBound ?? 0) }];
    });
    const stated = bounded.reduce((sum, certificate) => sum + certificate.stated, 0) / bounded.length;
    const right = bounded.filter(({ isRight }) => isRight).length / bounded.length;
    expect(Math.abs(right - stated)).toBeLessThan(0.02);
  });

  test('produces certificates that match their schema', () => {
    for (const { step } of searched.slice(0, 50))
      expect(SearchCertificate.parse(step.certificate)).toEqual(step.certificate);
  });
});

test('a search resumed at any point ends like an uninterrupted one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.double({ min: 0, max: 1, noNaN: true }), (seed, share) => {
      for (const { history, step, options } of [withOptions(seed), findSafe(seed, { verifications: 1 })]) {
        const cut = Math.floor(share * history.length);
        const { next } = createSearch(options);
        const resumed = history.slice(0, cut);
        for (const record of history.slice(cut)) {
          expect(next(resumed)).toEqual({ kind: 'drive', trial: record.trial });
          resumed.push(record);
        }
        expect(next(resumed)).toEqual(step);
      }
    }),
    { numRuns: 50 },
  );

  function withOptions(seed: number) {
    const { truth, start } = drawRateCluster(seed, population);
    const options = { ...FindMaxOptions.parse({ kind: 'find-max' }), start: messagesPerSecond(start) };
    return { options, ...search(createRateCluster(truth), truth.capacity, createSearch(options)) };
  }
});

test('a lower bound of find-max never relies on a short trial', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
      const { history, step } = findMax(seed);
      const { lowerBound } = step.certificate;
      const full = history.filter(({ trial, outcome }) => trial.duration >= 120 && outcome.kind === 'passed');
      if (lowerBound !== undefined) expect(full.some(({ trial }) => trial.rate === lowerBound.tps)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('find-safe exceeds the last passed rate by at most 10 %, and its answer passed a soak trial', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 0, max: 3 }), (seed, verifications) => {
      const { history, step, options } = findSafe(seed, { verifications });
      let proven = Number(options.start) / 1.1;
      for (const { trial, outcome } of history) {
        expect(trial.rate).toBeLessThanOrEqual(proven * 1.1 * (1 + 1e-12));
        if (outcome.kind === 'passed') proven = Math.max(proven, trial.rate);
      }
      const last = history.at(-1);
      const { lowerBound } = step.certificate;
      if (lowerBound !== undefined) {
        expect(last).toMatchObject({ trial: { rate: lowerBound.tps, purpose: 'soak' }, outcome: { kind: 'passed' } });
      }
    }),
    { numRuns: 50 },
  );
});

test('neighbours of a grid are one spacing apart, and rounding never increases a rate', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 1e8, noNaN: true }),
      fc.double({ min: 0.01, max: 0.5, noNaN: true }),
      fc.integer({ min: -50, max: 50 }),
      (start, spacing, place) => {
        const grid = createRateGrid(messagesPerSecond(start), spacing);
        expect(grid.rate(place + 1) / grid.rate(place) - 1).toBeCloseTo(spacing, 3);
        expect(grid.placeBelow(grid.rate(place))).toBe(place);
        expect(roundDown(start)).toBeLessThanOrEqual(start * (1 + 1e-12));
        expect(roundDown(start)).toBeGreaterThan(start * (1 - 1e-4));
      },
    ),
  );
});
