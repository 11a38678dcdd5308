// Compares scaling laws and queues with published figures.

import { expect, test } from 'vitest';
import { meanValueAnalysis, throughputBound } from '../../../../../support/closed-network.ts';
import { fitScaling } from '../../../../../../analyzer/verdict/fit/laws/fit-scaling.ts';
import {
  qualityOfService,
  roughUtilisationAtWait,
  utilisationAtWait,
  waitingProbability,
} from '../../../../../support/many-servers.ts';
import {
  concurrencyAtLatency,
  concurrencyAtThroughput,
  latencyAt,
  peakOf,
  throughputAt,
} from '../../../../../../analyzer/verdict/fit/laws/scaling-law.ts';
import { scalingOf } from '../../../../../../analyzer/verdict/fit/laws/scaling.ts';
import { cisco, rayTracer, specSdm91 } from '../../../../../support/scaling-data.ts';

// Lazowska, Zahorjan, Graham and Sevcik, Quantitative System Performance, 1984, table 6.2: CPU and two disks, think time 15 s.
test.each([
  [1, 0.0525, 4.055, 4],
  [2, 0.1031, 4.4013, 4],
  [3, 0.1515, 4.7998, 4],
  [10, 0.4002, 9.987, 3],
  [100, 0.4762, 195, 1],
])('mean value analysis of %i workers matches the published %f/s and %f s', (workers, throughput, response, digits) => {
  const network = { demands: [0.605, 2.1, 1.35], thinkSeconds: 15 };
  const state = meanValueAnalysis(network, workers);
  expect(state.throughput.toFixed(4)).toBe(throughput.toFixed(4));
  expect(state.responseSeconds.toFixed(digits)).toBe(response.toFixed(digits));
  expect(state.throughput).toBeLessThanOrEqual(throughputBound(network, workers));
});

// Erlang C inverted: the utilisation at which 30%, and 5%, of the arrivals wait; and 1 − 0.712 / c^0.448, which Netflix's
// service-capacity-modeling uses in place of the first.
test.each([
  [1, 0.3, 0.05, 0.288],
  [2, 0.469, 0.171, 0.478],
  [4, 0.61, 0.33, 0.617],
  [8, 0.718, 0.484, 0.72],
  [16, 0.798, 0.614, 0.794],
  [24, 0.834, 0.677, 0.829],
  [32, 0.856, 0.717, 0.849],
  [48, 0.882, 0.765, 0.874],
  [64, 0.898, 0.795, 0.89],
])(
  '%i servers may be %f busy before 30%% of arrivals wait, and %f before 5%% wait',
  (servers, third, twentieth, rough) => {
    expect(utilisationAtWait(servers, 0.3).toFixed(3)).toBe(third.toFixed(3));
    expect(utilisationAtWait(servers, 0.05).toFixed(3)).toBe(twentieth.toFixed(3));
    expect(roughUtilisationAtWait(servers).toFixed(3)).toBe(rough.toFixed(3));
  },
);

// Erlang's table, as in Cooper, Introduction to Queueing Theory: 10 servers at a load of 5 erlangs let 3.6% wait.
test('3.6% of arrivals wait with ten servers at a load of 5 erlangs', () =>
  expect(waitingProbability(10, 5)).toBeCloseTo(0.0361, 4));

// Netflix, service-capacity-modeling: a QoS of 2.375 for a chance to wait of 1%.
test('square-root staffing for a 1% chance to wait needs a quality of service of 2.375', () =>
  expect(qualityOfService(0.01)).toBeCloseTo(2.375, 3));

// Schwartz, Practical Scalability Analysis: σ, κ, λ and the peak, to the 0.02% that usl4j's own tests allow.
test('fits the published law to the Cisco benchmark', () => {
  const { model, law } = fitScaling(cisco);
  expect(model).toBe('usl');
  expect(law.sigma / 0.02671591).toBeCloseTo(1, 3);
  expect(law.kappa / 7.690945e-4).toBeCloseTo(1, 3);
  expect(law.lambda / 995.6486).toBeCloseTo(1, 6);
  expect(Math.floor(peakOf(law)?.concurrency ?? 0)).toBe(35);
  expect(throughputAt(law, 35) / 12341).toBeCloseTo(1, 3);
  expect(latencyAt(law, 20)).toBeCloseTo(0.0018077217982978785, 7);
});

// usl4j 0.7.0 prints 15.35 and 17.73: its formula omits κ, and the law yields other throughputs there.
test.each([
  [11_048, 19.92, 15.350435172752203],
  [12_201, 29.57, 17.73220762025387],
])('the law reaches %i/s with %f workers, not with %f', (throughput, root, withoutKappa) => {
  const { law } = fitScaling(cisco);
  expect(concurrencyAtThroughput(law, throughput)?.toFixed(2)).toBe(root.toFixed(2));
  expect(throughputAt(law, root) / throughput).toBeCloseTo(1, 3);
  expect(Math.abs(throughputAt(law, withoutKappa) / throughput - 1)).toBeGreaterThan(0.1);
});

// Inverts ModelTest.throughputAtLatency of the tests of usl4j 0.7.0.
test.each([
  [0.03, 69.38886664887109],
  [0.04, 82.91561975888501],
])('the number of workers at a latency of %f s yields a throughput of %f/s', (seconds, throughput) => {
  const law = { lambda: 40, sigma: 0.06, kappa: 0.06 };
  expect(throughputAt(law, concurrencyAtLatency(law, seconds) ?? 0)).toBeCloseTo(throughput, 5);
});

// README and tests of the R package usl 3.0.2: summary(usl(throughput ~ load, specsdm91)), peak.scalability.
test('fits the law, standard errors and peak of SPEC SDM91 as R does', () => {
  const { model, law, standardErrors } = fitScaling(specSdm91);
  expect(model).toBe('usl');
  expect(law.sigma).toBeCloseTo(0.0277285, 7);
  expect(law.kappa).toBeCloseTo(0.0001044, 7);
  expect(law.lambda).toBeCloseTo(89.995233, 3);
  expect(standardErrors?.sigma).toBeCloseTo(0.0091217, 6);
  expect(standardErrors?.kappa).toBeCloseTo(0.0000199, 7);
  expect(standardErrors?.lambda).toBeCloseTo(14.2134894, 3);
  expect(peakOf(law)?.concurrency).toBeCloseTo(96.51956, 2);
  expect(peakOf(law)?.throughput).toBeCloseTo(1884, 0);
});

// Tests of the R package usl: confint of the first six steps of raytracer, coef of a made-up set.
test('fits laws of small data sets as R does', () => {
  const { law } = fitScaling(rayTracer.slice(0, 6));
  expect([law.sigma.toFixed(5), law.kappa.toFixed(5), law.lambda.toFixed(5)]).toEqual([
    '0.02444',
    '0.00163',
    '20.85605',
  ]);
  const made = [1, 1.8868, 3.0769, 3.5294, 3.5398, 3.3557];
  const other = fitScaling(
    [1, 2, 4, 6, 8, 10].map((concurrency, i) => ({ concurrency, throughput: made[i] as number })),
  );
  expect([other.law.sigma, other.law.kappa].map((value) => value.toFixed(4))).toEqual(['0.0200', '0.0200']);
});

test('half of the Cisco benchmark shows no peak', () => {
  const half = scalingOf(cisco.slice(0, 10));
  if (half.kind !== 'fitted') throw new Error(half.message);
  expect([half.model, half.peak]).toEqual(['amdahl', undefined]);
});

test('the first steps of the ray tracer show no peak, since a throughput of 310 was measured later', () => {
  // Six of them gave a peak of 203 with an interval of 196 to 221.
  for (const [count, highest] of [
    [6, 200],
    [7, 210],
  ] as const) {
    const part = scalingOf(rayTracer.slice(0, count));
    if (part.kind !== 'fitted') throw new Error(part.message);
    expect(part.peak).toBeUndefined();
    expect(part.atLeast).toMatchObject({ throughput: highest, reason: 'beyond-the-steps' });
  }
});

test.each(Array.from({ length: 28 }, (_, index) => index + 4))(
  'the first %i steps of the Cisco benchmark yield no peak, at most the highest measured throughput',
  (count) => {
    const part = scalingOf(cisco.slice(0, count));
    if (part.kind !== 'fitted') throw new Error(part.message);
    expect(part.peak).toBeUndefined();
    const highest = Math.max(...cisco.slice(0, count).map(({ throughput }) => throughput));
    expect(part.atLeast?.throughput).toBe(part.model === 'usl' ? highest : undefined);
  },
);

test('the interval of the peak of the Cisco benchmark contains the highest measured throughput', () => {
  const whole = scalingOf(cisco);
  if (whole.kind !== 'fitted') throw new Error(whole.message);
  expect(whole.peak?.interval.low).toBeLessThan(12_211.41);
  expect(whole.peak?.interval.high).toBeGreaterThan(12_211.41);
});

test('a law that does not predict the last steps has no peak', () => {
  // Throughput drops in the last steps, as it does with full memory.
  const throughputs = [950, 1800, 3300, 5600, 7000, 6800, 4500];
  const steps = [1, 2, 4, 8, 12, 16, 20].map((concurrency, index) => ({
    concurrency,
    throughput: throughputs[index] as number,
  }));
  const scaling = scalingOf(steps);
  if (scaling.kind !== 'fitted') throw new Error(scaling.message);
  expect(scaling.peak).toBeUndefined();
  expect(scaling.atLeast).toMatchObject({ concurrency: 12, throughput: 7000, reason: 'not-validated' });
});
