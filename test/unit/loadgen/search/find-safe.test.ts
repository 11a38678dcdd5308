import { expect, test } from 'vitest';
import { messagesPerSecond } from '../../../../core/units.ts';
import { FindSafeOptions } from '../../../../loadgen/search/search-options.ts';
import { createSearch } from '../../../../loadgen/search/search.ts';
import { answered, failed, passed, purposes, rates } from '../../../support/scripted-search.ts';

const findSafe = (over: Record<string, unknown> = {}) =>
  createSearch({ ...FindSafeOptions.parse({ kind: 'find-safe', ...over }), start: messagesPerSecond(1000) });

test('rises by a tenth to the first limit, steps back, and soaks at the last rate that passed', () => {
  const { history, step } = answered(({ rate }) => (rate <= 1400 ? passed(rate) : failed(rate)))(findSafe());
  expect(rates(history)).toEqual([1000, 1100, 1210, 1331, 1464.1, 1331]);
  expect(purposes(history)).toEqual(['rise', 'rise', 'rise', 'rise', 'rise', 'soak']);
  expect(step.certificate).toMatchObject({
    endedBecause: 'bounds-met',
    lowerBound: { tps: 1331, passed: 1, failed: 0, durationSeconds: 600 },
    upperBounds: [{ tps: 1464.1, criterion: 'p99', measured: 0.2, limit: 0.1, failed: 1 }],
  });
});

test('a failed soak lowers the rate by one step and soaks again', () => {
  const { history, step } = answered(({ rate, purpose }) =>
    rate <= (purpose === 'soak' ? 1150 : 1400) ? passed(rate) : failed(rate),
  )(findSafe());
  expect(rates(history).slice(-3)).toEqual([1331, 1210, 1100]);
  expect(step.certificate.lowerBound?.tps).toBe(1100);
  expect(step.certificate.upperBounds[0]?.tps).toBe(1210);
});

test('runs at most the allowed number of soaks', () => {
  const { history, step } = answered(({ rate, purpose }) =>
    purpose === 'soak' || rate > 2000 ? failed(rate) : passed(rate),
  )(findSafe({ mostSoaks: 2 }));
  expect(purposes(history).filter((purpose) => purpose === 'soak')).toHaveLength(2);
  expect(step.certificate.endedBecause).toBe('most-trials');
  expect(step.certificate.lowerBound).toBeUndefined();
});

test('tests the highest allowed rate itself and soaks there', () => {
  const { history, step } = answered(({ rate }) => passed(rate))(findSafe({ highest: 1250 }));
  expect(rates(history)).toEqual([1000, 1100, 1210, 1250, 1250]);
  expect(step.certificate).toMatchObject({
    endedBecause: 'highest-rate-held',
    lowerBound: { tps: 1250 },
    upperBounds: [],
  });
});

test('starts at the highest allowed rate if the start is above it', () => {
  const { history } = answered(({ rate }) => passed(rate))(findSafe({ highest: 600 }));
  expect(rates(history)).toEqual([600, 600]);
});

test('the first failure ends the rise, unless verification is configured', () => {
  const once = () => {
    let isSpoilt = true;
    return answered(({ rate }) => {
      if (rate > 2000 || (rate === 1100 && isSpoilt)) {
        isSpoilt = rate !== 1100;
        return failed(rate);
      }
      return passed(rate);
    });
  };
  expect(once()(findSafe()).step.certificate.lowerBound?.tps).toBe(1000);
  expect(once()(findSafe({ verifications: 1 })).step.certificate.lowerBound?.tps).toBe(1948.6);
});

test('a resource above its limit in the busiest second of a short trial counts only if it is repeated', () => {
  const busy = (rate: number) => ({
    ...failed(rate),
    violated: { kind: 'host' as const, resource: 'cpu' as const, host: 'b' },
  });
  const noisy = (trial?: string) => {
    let isSpoilt = true;
    return answered(({ rate }) => {
      if (rate > 2000) return failed(rate);
      if (rate !== 1100 || !isSpoilt) return passed(rate);
      isSpoilt = false;
      return busy(rate);
    })(findSafe(trial === undefined ? {} : { trial }));
  };
  const { history, step } = noisy();
  expect(rates(history).slice(0, 4)).toEqual([1000, 1100, 1100, 1210]);
  expect(purposes(history).slice(1, 3)).toEqual(['rise', 'verify']);
  expect(step.certificate.lowerBound?.tps).toBe(1948.6);
  // The p99 of two minutes leaves out a second.
  expect(noisy('2m').step.certificate.lowerBound?.tps).toBe(1000);
  const reached = answered(({ rate }) => (rate > 1150 ? busy(rate) : passed(rate)))(findSafe());
  expect(rates(reached.history)).toEqual([1000, 1100, 1210, 1210, 1100]);
});

test('a first rate that failed is tested once more, and the failure stays in the certificate', () => {
  let isCold = true;
  const { history, step } = answered(({ rate }) => {
    if (!isCold && rate <= 1400) return passed(rate);
    isCold = false;
    return failed(rate);
  })(findSafe());
  expect(rates(history)).toEqual([1000, 1000, 1100, 1210, 1331, 1464.1, 1331]);
  expect(purposes(history).slice(0, 3)).toEqual(['rise', 'verify', 'rise']);
  const { lowerBound, upperBounds, trials, confidence } = step.certificate;
  expect(lowerBound?.tps).toBe(1331);
  expect(upperBounds.map(({ tps }) => tps)).toEqual([1464.1]);
  expect(trials[0]).toMatchObject({ targetTps: 1000, outcome: { kind: 'failed', criterion: 'p99' } });
  expect(confidence?.spuriousFailureRatio).toBeCloseTo(1 / 6, 6);
});

test('a first rate at which the guard stopped the trial is not tested again', () => {
  const { history } = answered(({ rate }) => ({ ...failed(rate), violated: { kind: 'guard' } }))(findSafe());
  expect(history).toHaveLength(1);
});

test('if the first rate fails twice, no lower rate is soaked', () => {
  const { history, step } = answered(({ rate }) => failed(rate))(findSafe());
  expect(history).toHaveLength(2);
  expect(step.certificate.endedBecause).toBe('nothing-passed');
  expect(step.certificate.lowerBound).toBeUndefined();
});

test('a generator at its limit leads to an at-least result', () => {
  const { step } = answered(({ rate }) => (rate > 1150 ? { kind: 'excluded', reason: 'late' } : passed(rate)))(
    findSafe(),
  );
  expect(step.certificate).toMatchObject({
    endedBecause: 'generator-limited',
    lowerBound: { tps: 1100 },
    upperBounds: [],
  });
});
