import { expect, test } from 'vitest';
import { messagesPerSecond } from '../../../../core/units.ts';
import { FindMaxOptions } from '../../../../loadgen/search/search-options.ts';
import { createSearch } from '../../../../loadgen/search/search.ts';
import { answered, failed, passed, purposes, rates } from '../../../support/scripted-search.ts';

const findMax = (over: Record<string, unknown> = {}) =>
  createSearch({ ...FindMaxOptions.parse({ kind: 'find-max', ...over }), start: messagesPerSecond(1000) });
const carries = (capacity: number) => answered(({ rate }) => (rate <= capacity ? passed(rate) : failed(capacity)));

test('rises by half, bisects below the first failure, and confirms the result with full-length trials', () => {
  const { history, step } = carries(2000)(findMax());
  expect(rates(history).slice(0, 6)).toEqual([1000, 1477.4, 2182.8, 2182.8, 2182.8, 2182.8]);
  expect(purposes(history).slice(0, 6)).toEqual(['gallop', 'gallop', 'gallop', 'verify', 'verify', 'verify']);
  expect(purposes(history).slice(-2)).toEqual(['confirm', 'confirm']);
  expect(step.certificate).toMatchObject({
    endedBecause: 'bounds-met',
    lowerBound: { tps: 1979.9, passed: 2, failed: 0, durationSeconds: 120 },
    upperBounds: [{ tps: 2078.9, criterion: 'p99', failed: 4, passed: 0 }, { tps: 2182.8 }],
  });
});

test('decreases from a start that is too high', () => {
  const { step } = carries(90)(findMax());
  expect(step.certificate.lowerBound?.tps).toBeLessThanOrEqual(90);
  expect(step.certificate.lowerBound?.tps).toBeGreaterThan(90 / 1.05);
});

test('one passed trial clears a rate that failed', () => {
  const { step } = answered(({ rate, purpose }) =>
    rate > 2000 || (rate === 1000 && purpose === 'gallop') ? failed(rate) : passed(rate),
  )(findMax());
  expect(step.certificate.lowerBound?.tps).toBe(1979.9);
});

test('short trials never confirm: a rate that fails at full length is lowered', () => {
  const { history, step } = answered(({ rate, duration }) =>
    rate <= (duration > 15 ? 1800 : 2000) ? passed(rate) : failed(rate),
  )(findMax());
  const confirming = history.filter(({ trial }) => trial.purpose === 'confirm');
  expect(rates(confirming)).toEqual([1979.9, 1979.9, 1885.6, 1885.6, 1795.8, 1795.8]);
  expect(step.certificate.lowerBound).toMatchObject({ tps: 1795.8, passed: 2 });
  expect(step.certificate.upperBounds[0]).toMatchObject({ tps: 1885.6, failed: 2 });
});

test('full-length trials with different results are repeated until one side leads by two', () => {
  const outcomes = [false, true, true, true];
  const { history, step } = answered(({ rate, purpose }) => {
    if (purpose === 'confirm') return outcomes.shift() === true ? passed(rate) : failed(rate);
    return rate <= 2000 ? passed(rate) : failed(rate);
  })(findMax());
  expect(purposes(history).filter((purpose) => purpose === 'confirm')).toHaveLength(4);
  expect(step.certificate.lowerBound).toMatchObject({ tps: 1979.9, passed: 3, failed: 1 });
});

test('stops at the highest allowed rate and returns no upper bound', () => {
  const { history, step } = carries(1e9)(findMax({ highest: 3000 }));
  expect(Math.max(...rates(history))).toBeLessThanOrEqual(3000);
  expect(step.certificate).toMatchObject({ endedBecause: 'highest-rate-held', upperBounds: [] });
  expect(step.certificate.lowerBound).toBeDefined();
});

test('starts at the highest allowed rate if the prediction is above it', () => {
  const { history } = carries(1e9)(findMax({ highest: 500 }));
  expect(Math.max(...rates(history))).toBeLessThanOrEqual(500);
});

test('an excluded trial is repeated, and after three exclusions the rate is out of reach', () => {
  const { history, step } = answered(({ rate }) => (rate > 1500 ? { kind: 'excluded', reason: 'late' } : passed(rate)))(
    findMax(),
  );
  expect(rates(history).filter((rate) => rate === 2182.8)).toHaveLength(3);
  expect(step.certificate).toMatchObject({ endedBecause: 'generator-limited', upperBounds: [] });
  expect(step.certificate.lowerBound).toBeDefined();
});

test('a rate stopped by the guard is not tested again', () => {
  const broken = { criterion: 'guard: disk of broker-1', violated: { kind: 'guard' } } as const;
  const { history, step } = answered(({ rate }) => (rate > 2000 ? { ...failed(rate), ...broken } : passed(rate)))(
    findMax(),
  );
  expect(rates(history).filter((rate) => rate > 2000)).toEqual([2182.8, 2078.9]);
  expect(step.certificate.upperBounds[0]?.criterion).toBe('guard: disk of broker-1');
});

test('the final soak counts: a rate that does not hold is lowered', () => {
  const { history, step } = answered(({ rate, duration }) =>
    rate <= (duration >= 600 ? 1900 : 2000) ? passed(rate) : failed(rate),
  )(findMax({ soak: '10m' }));
  expect(purposes(history).slice(-5)).toEqual(['soak', 'soak', 'confirm', 'confirm', 'soak']);
  expect(step.certificate.lowerBound).toMatchObject({ tps: 1885.6, durationSeconds: 600 });
});

test('if no rate passes, the certificate has no rate and the reason', () => {
  const { step } = carries(0)(findMax({ mostTrials: 500 }));
  expect(step.certificate.endedBecause).toBe('nothing-passed');
  expect(step.certificate.lowerBound).toBeUndefined();
});

test('ends after the allowed number of trials', () => {
  const { history, step } = carries(2000)(findMax({ mostTrials: 7 }));
  expect(history).toHaveLength(7);
  expect(step.certificate.endedBecause).toBe('most-trials');
  expect(step.certificate.lowerBound).toBeUndefined();
  expect(step.certificate.upperBounds).toMatchObject([{ tps: 2182.8, failed: 4, passed: 0 }]);
});
