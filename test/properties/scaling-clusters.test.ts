// Checks laws, peaks and intervals for clusters with known laws; the figures of docs/explanation/scaling.md.

import { describe, expect, test } from 'vitest';
import { normalNumbers, uniformNumbers } from '../support/known-noise.ts';
import { peakOf, throughputAt, type ScalingLaw } from '../../analyzer/verdict/fit/laws/scaling-law.ts';
import { scalingOf } from '../../analyzer/verdict/fit/laws/scaling.ts';
import { fullMatrix } from '../support/prerequisites.ts';

const six = [1, 4, 8, 16, 32, 64];
const ten = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64];
const doubling = [1, 2, 4, 8, 16, 32];
const even = [8, 16, 24, 32, 40, 48, 56, 64];

/** Noise as a ratio of the throughput at each step, or of constant size. */
type Noise = { share: number } | { size: number };

function scalings(law: ScalingLaw, levels: readonly number[], noise: Noise, clusters: number, stride: number) {
  return Array.from({ length: clusters }, (_, index) => {
    const normal = normalNumbers(uniformNumbers(stride * (index + 1)));
    const scaling = scalingOf(
      levels.map((concurrency) => {
        const throughput = throughputAt(law, concurrency);
        const size = 'share' in noise ? noise.share * throughput : noise.size;
        return { concurrency, throughput: Math.max(1, throughput + size * normal()) };
      }),
    );
    if (scaling.kind !== 'fitted') throw new Error(scaling.message);
    return scaling;
  });
}

const contains = ({ low, high = Infinity }: { low: number; high?: number }, value: number) =>
  value >= low && value <= high;

describe('95 % intervals contain the true peak', () => {
  const truth = { lambda: 1000, sigma: 0.03, kappa: 0.001 };
  const peak = peakOf(truth);
  if (peak === undefined) throw new Error('no peak');

  test.each([
    ['ten steps, 2 % of noise', ten, { share: 0.02 }],
    ...(fullMatrix
      ? ([
          ['six steps up to the peak, 1 % of noise', doubling, { share: 0.01 }],
          ['ten steps, the same noise at all', ten, { size: 150 }],
          ['ten steps, 5 % of noise', ten, { share: 0.05 }],
          ['six steps, 2 % of noise', six, { share: 0.02 }],
          ['six steps, the same noise at all', six, { size: 150 }],
          ['six steps, 5 % of noise', six, { share: 0.05 }],
          ['even steps, 2 % of noise', even, { share: 0.02 }],
          ['even steps, the same noise at all', even, { size: 150 }],
          ['even steps, 5 % of noise', even, { share: 0.05 }],
        ] as const)
      : []),
  ] as const)('%s', (_, levels, noise) => {
    const peaks = scalings(truth, levels, noise, fullMatrix ? 150 : 10, 7919).flatMap((scaling) => scaling.peak ?? []);
    const held = (isHeld: (each: (typeof peaks)[number]) => boolean) => peaks.filter(isHeld).length / peaks.length;
    expect(held(({ interval }) => contains(interval, peak.throughput))).toBeGreaterThanOrEqual(0.9);
    expect(held(({ interval }) => contains(interval.concurrency, peak.concurrency))).toBeGreaterThanOrEqual(0.9);
  });
});

const clusters = fullMatrix ? 100 : 10;

test.each([
  [doubling, 0.1],
  [[...doubling, 48, 64], 0.05],
  [Array.from({ length: 16 }, (_, index) => 4 * index + 1), 0.05],
])('clusters with contention alone seldom have a peak: steps %j, at most %f of them', (levels, most) => {
  for (const share of [0.01, 0.03]) {
    const found = scalings({ lambda: 1000, sigma: 0.05, kappa: 0 }, levels, { share }, clusters, 104_729);
    expect(found.filter(({ peak }) => peak !== undefined).length).toBeLessThanOrEqual(Math.max(1, most * clusters));
  }
});

test.each([[0.01, 1] as const, ...(fullMatrix ? [[0.03, 0.7] as const] : [])])(
  'clusters with crosstalk, six steps past their peak and noise of %f: at least %f have a peak',
  (share, least) => {
    const found = scalings({ lambda: 1000, sigma: 0.03, kappa: 0.003 }, doubling, { share }, clusters, 104_729);
    expect(found.filter(({ peak }) => peak !== undefined).length).toBeGreaterThanOrEqual(least * clusters);
  },
);
